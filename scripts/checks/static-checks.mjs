import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { clientPackage } from '../prepare/client-package.mjs';
import { packageRoot } from '../prepare/package-root.mjs';
import { prepare } from '../prepare/prepare.mjs';
import { runTool } from '../prepare/run-tool.mjs';

/** What is checked without running anything of ours. Each gives an exit code and its output. */
const checks = [
  {
    name: 'format and lint',
    run: () => tool('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']),
  },
  { name: 'format of native/', run: clangFormat },
  { name: 'types', run: () => tool('typescript/bin/tsc', ['-p', 'tsconfig.json']) },
  {
    name: 'types of clients/',
    run: () => tool('typescript/bin/tsc', ['-p', 'clients/tsconfig.json']),
  },
  {
    name: 'types of tests of clients/',
    run: () => tool('typescript/bin/tsc', ['-p', 'clients/tsconfig.tests.json']),
  },
  {
    name: 'import rules',
    run: () => tool('dependency-cruiser/bin/dependency-cruise.mjs', ['src', 'clients']),
  },
  { name: 'dead code', run: () => tool('knip/bin/knip.js', []) },
];

/**
 * Runs every check, one line each; a failed one shows what it has to say.
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runStaticChecks() {
  // The examples import the client library as its users do, compiled.
  await prepare([clientPackage]);
  let failed = 0;
  for (const { name, run } of checks) {
    const begin = performance.now();
    const { code, output, note } = await run();
    const seconds = `${((performance.now() - begin) / 1000).toFixed(1)} s`.padStart(7);
    console.log(
      `${code === 0 ? 'ok    ' : 'FAILED'} ${seconds}  ${name}${note ? `: ${note}` : ''}`,
    );
    if (code === 0) continue;
    failed++;
    console.log(`${output.trimEnd()}\n`);
  }
  return { passed: checks.length - failed, failed };
}

function tool(script, args) {
  return runTool(process.execPath, [join('node_modules', script), ...args], { output: 'captured' });
}

async function clangFormat() {
  const files = readdirSync(join(packageRoot, 'native'))
    .filter((name) => /\.(cc|h)$/.test(name))
    .map((name) => join('native', name));
  const result = await runTool('clang-format', ['--dry-run', '--Werror', ...files], {
    output: 'captured',
  });
  if (result.code !== 127) return result;
  return { code: 0, output: '', note: 'left out, clang-format is not installed' };
}
