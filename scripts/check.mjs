// npm run check: everything that is quick. Format, lint, types, import rules, dead code, unit tests.
import { requireNode } from './prepare/require-node.mjs';

requireNode();
const { dependencies } = await import('./prepare/dependencies.mjs');
const { prepare } = await import('./prepare/prepare.mjs');
await prepare([dependencies]);
const { runTests } = await import('./checks/run-tests.mjs');
const { runStaticChecks } = await import('./checks/static-checks.mjs');

const checks = await runStaticChecks();
const begin = performance.now();
const tests = await runTests(['--project', 'unit'], { quiet: true });
const seconds = `${((performance.now() - begin) / 1000).toFixed(1)} s`.padStart(7);
console.log(
  `${tests.failed === 0 ? 'ok    ' : 'FAILED'} ${seconds}  unit tests (${tests.passed} passed)`,
);
process.exitCode = checks.failed + tests.failed === 0 ? 0 : 1;
