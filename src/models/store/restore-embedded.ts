import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { packageRoot } from '../../config/index.js';
import { GatewayError } from '../../errors/index.js';
import type { KnownModel } from '../embedded.js';
import { embeddedProblem } from './embedded-file.js';

/**
 * Writes an embedded model anew, from the git repository that the gateway was cloned into: no other
 * place has this very file.
 * @throws GatewayError `model_not_found` where git does not give it.
 */
export async function restoreEmbedded(model: KnownModel, path: string): Promise<void> {
  const whole = `${path}.${process.pid}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await copyFromGit(`HEAD:models/${model.file}`, whole).catch(() => {});
    if (await embeddedProblem(model, whole)) {
      throw new GatewayError('model_not_found', {
        message:
          `${model.file} comes with the gateway and could not be taken from its git repository. ` +
          'Get the gateway anew, or copy the file from another installation.',
      });
    }
    await rename(whole, path);
  } finally {
    await rm(whole, { force: true });
  }
}

async function copyFromGit(object: string, path: string): Promise<void> {
  const git = spawn('git', ['-C', packageRoot, 'cat-file', 'blob', object], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const failure = once(git, 'error').then(([error]) => Promise.reject(error as Error));
  await Promise.race([pipeline(git.stdout, createWriteStream(path)), failure]);
}
