// npm test: prepares as npm start does, then runs every check and every test.
// npm test -- native, npm test -- words: only the tests of that folder, or of files named so.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { requireNode } from './prepare/require-node.mjs';

requireNode();
const { packageRoot } = await import('./prepare/package-root.mjs');
const { prepare } = await import('./prepare/prepare.mjs');
await prepare();
const { runStaticChecks } = await import('./checks/static-checks.mjs');
const { runTests } = await import('./checks/run-tests.mjs');

const wanted = process.argv.slice(2);
const checks = wanted.length === 0 ? await runStaticChecks() : { passed: 0, failed: 0 };
const tests = await runTests(wanted.flatMap(asVitestArguments));

const passed = checks.passed + tests.passed;
const failed = checks.failed + tests.failed;
const skipped = tests.skipped > 0 ? `, ${tests.skipped} skipped` : '';
console.log(`${passed} passed, ${failed} failed${skipped}`);
process.exitCode = failed === 0 ? 0 : 1;

/** A folder of `test/` is a project of vitest; anything else is a pattern or an option of its. */
function asVitestArguments(argument) {
  const isProject = /^[a-z]+$/.test(argument) && existsSync(join(packageRoot, 'test', argument));
  return isProject ? ['--project', argument] : [argument];
}
