import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../prepare/package-root.mjs';
import { runTool } from '../prepare/run-tool.mjs';

const summaryFile = join(packageRoot, 'build/test-summary.json');

/** Tests that only special machines can run say so in their title, and may be skipped elsewhere. */
const impossibleHere = /\(needs a GPU\)/;

/**
 * Runs vitest with `args`. Where the shared recordings lie next to the repository, everything can
 * run, so a skipped test counts as failed.
 * @param {string[]} args
 * @param {{ quiet?: boolean, env?: NodeJS.ProcessEnv }} [options] `quiet` shows the output of a failed
 *   run only; `env` is added to the environment.
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>}
 */
export async function runTests(args, { quiet = false, env = {} } = {}) {
  mkdirSync(join(packageRoot, 'build'), { recursive: true });
  rmSync(summaryFile, { force: true });
  const vitest = join(packageRoot, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=./scripts/checks/summary-reporter.mjs'];
  const { code, output } = await runTool(process.execPath, [vitest, 'run', ...reporters, ...args], {
    env: { ...process.env, ...env, TEST_SUMMARY: summaryFile },
    output: quiet ? 'captured' : 'terminal',
  });
  const { passed, failed, skipped } = readSummary();
  const unwelcome = everythingCanRun() ? skipped.filter((name) => !impossibleHere.test(name)) : [];
  if (quiet && (code !== 0 || unwelcome.length > 0)) console.log(output);
  for (const name of unwelcome) console.log(`Skipped, although it can run here: ${name}`);
  return {
    passed,
    // Vitest may fail without a failed test: no test matched, a worker died.
    failed: Math.max(failed, code === 0 ? 0 : 1) + unwelcome.length,
    skipped: skipped.length - unwelcome.length,
  };
}

function everythingCanRun() {
  return existsSync(join(packageRoot, '../shared/audio'));
}

function readSummary() {
  if (!existsSync(summaryFile)) return { passed: 0, failed: 0, skipped: [] };
  return JSON.parse(readFileSync(summaryFile, 'utf8'));
}
