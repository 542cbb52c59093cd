import { writeFileSync } from 'node:fs';

/**
 * Writes what a run came to as JSON into the file that TEST_SUMMARY names, for `scripts/test.mjs`:
 * `{ passed, failed, skipped: [names] }`. A file or suite that breaks outside of its tests counts
 * as one failure, and so does an error that no test was waiting for.
 */
export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const summary = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) {
      summary.failed += module.errors().length;
      for (const suite of module.children.allSuites()) summary.failed += suite.errors().length;
      for (const test of module.children.allTests()) count(test, summary);
    }
    writeFileSync(process.env.TEST_SUMMARY, JSON.stringify(summary));
  }
}

function count(test, summary) {
  const { state } = test.result();
  if (state === 'passed') summary.passed++;
  else if (state === 'failed') summary.failed++;
  else if (!isInBrokenSuite(test)) {
    summary.skipped.push(`${test.module.relativeModuleId} > ${test.fullName}`);
  }
}

/** Such a test never got its turn; the error of its suite is counted already. */
function isInBrokenSuite({ parent }) {
  if (parent.type !== 'suite') return false;
  return parent.errors().length > 0 || isInBrokenSuite(parent);
}
