import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../prepare/package-root.mjs';
import { cmakeDefinitions, outputFolder, whisperSource } from './options.mjs';

const sourceFolder = join(packageRoot, 'native');

/**
 * Identifies a build by what goes into it: our sources, whisper.cpp's version, the options and the
 * machine. The CPU's model counts, since a native build uses instructions that others may lack.
 */
export function stampOf(options) {
  const whisper = whisperSource(options);
  const hash = createHash('sha256');
  for (const name of readdirSync(sourceFolder).sort()) {
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(sourceFolder, name)))
      .update('\0');
  }
  const rest = {
    whisper: options.whisperSource ? whisper : whisper.version,
    definitions: cmakeDefinitions(options),
    platform: process.platform,
    arch: process.arch,
    node: process.versions.node.split('.')[0],
    cpu: options.portable ? null : (cpus()[0]?.model ?? null),
  };
  return hash.update(JSON.stringify(rest)).digest('hex');
}

/** What was built last, as build.json tells; null where nothing usable is there. */
export function readRecord(options) {
  const folder = outputFolder(options);
  try {
    const record = JSON.parse(readFileSync(join(folder, 'build.json'), 'utf8'));
    return existsSync(join(folder, 'whisper_gateway.node')) ? record : null;
  } catch {
    return null;
  }
}
