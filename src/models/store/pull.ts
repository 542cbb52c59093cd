import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GatewayError } from '../../errors/index.js';
import type { CatalogModel } from '../catalog.js';
import { checksumsOf } from './checksum.js';
import { download, type Patience } from './download.js';
import { requireSpace } from './free-space.js';
import { PartFile } from './part-file.js';
import { isUnchanged, readRecord, writeRecord } from './record.js';
import { withModelLock } from './with-model-lock.js';

export interface PullOptions {
  /** Folder of the model files; made where it is missing. */
  readonly dir: string;
  /** Address of the hub, or of a mirror that has the same paths. */
  readonly hubUrl: string;
  readonly patience?: Patience;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: PullEvent) => void;
}

/** What happens to one model while it is pulled. */
export type PullEvent =
  | { readonly type: 'waiting' }
  | { readonly type: 'downloading'; readonly bytes: number }
  | { readonly type: 'checking'; readonly bytes: number }
  | { readonly type: 'retrying'; readonly reason: string };

export interface PulledModel {
  readonly path: string;
  /** False where it was here already. */
  readonly downloaded: boolean;
}

/**
 * Brings a model of the catalogue into the folder: downloaded, compared with its checksum, and put in
 * place in one step. A file that is here and damaged is replaced.
 * @throws GatewayError `model_download_failed`, `model_corrupt` or `disk_full`.
 */
export async function pullModel(model: CatalogModel, options: PullOptions): Promise<PulledModel> {
  await mkdir(options.dir, { recursive: true });
  const path = join(options.dir, model.file);
  const tell = options.onEvent ?? (() => {});
  return await withModelLock(
    path,
    async (lost) => {
      if (await isWhole(model, path, tell)) return { path, downloaded: false };
      const signal = AbortSignal.any([lost, ...(options.signal ? [options.signal] : [])]);
      const sha256 = await fetchChecked(model, path, { ...options, signal });
      lost.throwIfAborted();
      await rename(new PartFile(path).path, path);
      await writeRecord(path, { name: model.name, source: sourceOf(model, options), sha256 });
      return { path, downloaded: true };
    },
    () => tell({ type: 'waiting' }),
  );
}

/** Whether the file is here, by its record where that still holds, else by its contents. */
async function isWhole(
  model: CatalogModel,
  path: string,
  tell: (event: PullEvent) => void,
): Promise<boolean> {
  const file = await stat(path).catch(() => null);
  if (file?.size !== model.bytes) return false;
  const record = await readRecord(path);
  if (record && isUnchanged(record, file)) return true;
  const { sha1, sha256 } = await checksumsOf(path, (bytes) => tell({ type: 'checking', bytes }));
  if (sha1 !== model.sha1) return false;
  await writeRecord(path, { name: model.name, source: 'found in the folder', sha256 });
  return true;
}

/** Leaves the whole, checked part file. @returns Its SHA-256. */
async function fetchChecked(
  model: CatalogModel,
  target: string,
  options: PullOptions & { signal: AbortSignal },
): Promise<string> {
  const part = new PartFile(target);
  const begun = await part.size();
  await requireSpace(options.dir, Math.max(0, model.bytes - begun));
  let sums = await fetchOnce(model, target, options);
  if (sums.sha1 !== model.sha1 && begun > 0) {
    // What an earlier process left may have been the wrong beginning.
    await part.remove();
    sums = await fetchOnce(model, target, options);
  }
  if (sums.sha1 === model.sha1) return sums.sha256;
  await part.remove();
  throw new GatewayError('model_corrupt', {
    message:
      `What ${sourceOf(model, options)} gave is not ${model.name}: its SHA-1 is ${sums.sha1} ` +
      `instead of ${model.sha1}. Try another mirror.`,
  });
}

async function fetchOnce(
  model: CatalogModel,
  target: string,
  options: PullOptions & { signal: AbortSignal },
) {
  const tell = options.onEvent ?? (() => {});
  const part = await download({
    url: sourceOf(model, options),
    target,
    bytes: model.bytes,
    signal: options.signal,
    ...(options.patience && { patience: options.patience }),
    onProgress: (bytes) => tell({ type: 'downloading', bytes }),
    onRetry: (reason) => tell({ type: 'retrying', reason }),
  });
  const sums = await checksumsOf(part.path, (bytes) => tell({ type: 'checking', bytes }));
  await part.forget();
  return sums;
}

function sourceOf(model: CatalogModel, { hubUrl }: PullOptions): string {
  return `${hubUrl.replace(/\/+$/, '')}/${model.hubPath}`;
}
