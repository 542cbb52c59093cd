import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprintOf, readText } from './fingerprint.mjs';
import { packageRoot } from './package-root.mjs';
import { PrepareError } from './prepare-error.mjs';
import { runTool } from './run-tool.mjs';

/**
 * A step that compiles TypeScript, where a source has changed since. Paths are relative to the package.
 * @param {object} step
 * @param {string} step.name
 * @param {string} step.doing
 * @param {string} step.failed What did not compile, as the beginning of a sentence.
 * @param {string} step.project The tsconfig.
 * @param {string} step.outputDir
 * @param {string} step.compiledDir Where the project compiles to; `lay` takes from there what is wanted.
 * @param {() => string[]} step.sources Files on which the outcome depends, beside TypeScript itself.
 * @param {(compiledDir: string, outputDir: string) => void | Promise<void>} step.lay
 */
export function compileStep({ name, doing, failed, project, sources, lay, ...folders }) {
  const outputDir = join(packageRoot, folders.outputDir);
  const compiledDir = join(packageRoot, folders.compiledDir);
  const stampFile = join(outputDir, '.sources');
  const typescript = join(packageRoot, 'node_modules/typescript');
  const fingerprint = () => fingerprintOf([join(typescript, 'package.json'), ...sources()]);
  return {
    name,
    doing,

    isReady() {
      return readText(stampFile) === fingerprint();
    },

    async make() {
      const made = fingerprint();
      for (const dir of [outputDir, compiledDir]) rmSync(dir, { recursive: true, force: true });
      const args = [join(typescript, 'bin/tsc'), '-p', project];
      const { code } = await runTool(process.execPath, args, { output: 'progress' });
      if (code !== 0) throw new PrepareError(`${failed} did not compile; the reason is above.`);
      mkdirSync(outputDir, { recursive: true });
      await lay(compiledDir, outputDir);
      writeFileSync(stampFile, made);
    },
  };
}
