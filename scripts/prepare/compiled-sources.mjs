import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder, fingerprintOf, readText } from './fingerprint.mjs';
import { packageRoot } from './package-root.mjs';
import { PrepareError } from './prepare-error.mjs';
import { runTool } from './run-tool.mjs';

const sourceDir = join(packageRoot, 'src');
const outputDir = join(packageRoot, 'dist');
const stampFile = join(outputDir, '.sources');

/** The TypeScript of `src/`, compiled into `dist/`. */
export const compiledSources = {
  name: 'typescript',
  doing: 'Compiling TypeScript',

  /** Whether `dist/` was made from exactly these sources, by contents: git changes file times. */
  isReady() {
    return readText(stampFile) === fingerprint() && outputs().every((file) => existsSync(file));
  },

  async make() {
    const code = await compile();
    if (code !== 0) throw new PrepareError('TypeScript did not compile; its own words are above.');
  },
};

/** Brings `dist/` up to date and resolves with tsc's exit code. Its complaints go to stderr. */
export async function compile() {
  const made = fingerprint();
  rmSync(stampFile, { force: true });
  // tsc trusts its notes about what it wrote, and does not look whether it is still there.
  if (!outputs().every((file) => existsSync(file))) {
    rmSync(join(outputDir, '.tsbuildinfo'), { force: true });
  }
  const tsc = join(packageRoot, 'node_modules/typescript/bin/tsc');
  const { code } = await runTool(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    output: 'progress',
  });
  removeLeftovers();
  if (code === 0) writeFileSync(stampFile, made);
  return code;
}

/** A source that was removed or renamed leaves its output behind, which could still be imported. */
function removeLeftovers() {
  if (!existsSync(outputDir)) return;
  const wanted = new Set(outputs());
  for (const file of filesUnder(outputDir, '.js')) {
    if (wanted.has(file)) continue;
    rmSync(file);
    rmSync(`${file}.map`, { force: true });
  }
}

function outputs() {
  return sources().map((file) =>
    join(outputDir, file.slice(sourceDir.length)).replace(/\.ts$/, '.js'),
  );
}

function fingerprint() {
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'node_modules/typescript/package.json'];
  return fingerprintOf([...settings.map((name) => join(packageRoot, name)), ...sources()]);
}

function sources() {
  return filesUnder(sourceDir, '.ts').filter((file) => !file.endsWith('.d.ts'));
}
