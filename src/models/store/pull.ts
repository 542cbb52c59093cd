import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GatewayError } from '../../errors/index.js';
import type { CatalogFile, CatalogModel } from '../catalog-model.js';
import { algorithmNames, type Checksums, checksumsOf } from './checksum.js';
import { download, type Patience } from './download.js';
import { requireSpace } from './free-space.js';
import { PartFile } from './part-file.js';
import { isUnchanged, readRecord, writeRecord } from './record.js';
import { sizeOf } from './size-of.js';
import { withModelLock } from './with-model-lock.js';

export interface PullOptions {
  /** Folder of the models; made where it is missing. */
  readonly dir: string;
  /** Address of the hub, or of a mirror that has the same paths. */
  readonly hubUrl: string;
  readonly patience?: Patience;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: PullEvent) => void;
}

/** What happens to one model while it is pulled; bytes are those of all of its files. */
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

/** A file while it is pulled. */
interface Pulling {
  readonly model: string;
  readonly file: CatalogFile;
  readonly target: string;
  readonly url: string;
  readonly patience: Patience | undefined;
  readonly signal: AbortSignal;
  readonly tell: (event: PullEvent) => void;
}

/**
 * Brings a model of the catalogue into the folder: downloaded, compared with its checksums, and put in
 * place in one step. The files of a voice are gathered in `FOLDER.part` until all are there. What is here
 * and damaged is replaced.
 * @throws GatewayError `model_download_failed`, `model_corrupt` or `disk_full`.
 */
export async function pullModel(model: CatalogModel, options: PullOptions): Promise<PulledModel> {
  const path = join(options.dir, model.path);
  const isFolder = model.kind === 'voice';
  const gathered = isFolder ? `${path}.part` : path;
  const tell = options.onEvent ?? (() => {});
  await mkdir(dirname(path), { recursive: true });
  return await withModelLock(
    path,
    async (lost) => {
      const signal = AbortSignal.any([lost, ...(options.signal ? [options.signal] : [])]);
      const pullings = (folder: string) => pullingsInto(folder, model, { ...options, signal });
      if (await areWhole(pullings(path))) return { path, downloaded: false };
      const begun = (await sizeOf(`${path}.part`)) ?? 0;
      await requireSpace(options.dir, Math.max(0, model.bytes - begun));
      if (isFolder) await mkdir(gathered, { recursive: true });
      for (const pulling of pullings(gathered)) {
        if (isFolder && (await isWhole(pulling))) continue;
        const sha256 = await fetchChecked(pulling);
        lost.throwIfAborted();
        await rename(new PartFile(pulling.target).path, pulling.target);
        await writeRecord(pulling.target, { name: model.name, source: pulling.url, sha256 });
      }
      if (isFolder) {
        await rm(path, { recursive: true, force: true });
        await rename(gathered, path);
      }
      return { path, downloaded: true };
    },
    () => tell({ type: 'waiting' }),
  );
}

function pullingsInto(
  folder: string,
  model: CatalogModel,
  options: PullOptions & { signal: AbortSignal },
): Pulling[] {
  let before = 0;
  return model.files.map((file) => {
    const behind = before;
    before += file.bytes;
    return {
      model: model.name,
      file,
      target: join(folder, file.name),
      url: `${options.hubUrl.replace(/\/+$/, '')}/${file.hubPath}`,
      patience: options.patience,
      signal: options.signal,
      tell: (event) =>
        options.onEvent?.('bytes' in event ? { ...event, bytes: behind + event.bytes } : event),
    };
  });
}

async function areWhole(pullings: readonly Pulling[]): Promise<boolean> {
  for (const pulling of pullings) if (!(await isWhole(pulling))) return false;
  return true;
}

/** Whether the file is here, by its record where that still holds, else by its contents. */
async function isWhole({ model, file, target, tell }: Pulling): Promise<boolean> {
  const found = await stat(target).catch(() => null);
  if (found?.size !== file.bytes) return false;
  const record = await readRecord(target);
  if (record && isUnchanged(record, found)) return true;
  const sums = await checksumsOf(target, (bytes) => tell({ type: 'checking', bytes }));
  if (!isRight(sums, file)) return false;
  await writeRecord(target, { name: model, source: 'found in the folder', sha256: sums.sha256 });
  return true;
}

/** Leaves the whole, checked part file. @returns Its SHA-256. */
async function fetchChecked(pulling: Pulling): Promise<string> {
  const { model, file, target, url } = pulling;
  const part = new PartFile(target);
  const begun = await part.size();
  let sums = await fetchOnce(pulling);
  if (!isRight(sums, file) && begun > 0) {
    // What an earlier process left may have been the wrong beginning.
    await part.remove();
    sums = await fetchOnce(pulling);
  }
  if (isRight(sums, file)) return sums.sha256;
  await part.remove();
  const { algorithm, hex } = file.checksum;
  throw new GatewayError('model_corrupt', {
    message:
      `What ${url} gave is not ${file.name || model}: its ${algorithmNames[algorithm]} is ` +
      `${sums[algorithm]} instead of ${hex}. Try another mirror.`,
  });
}

async function fetchOnce({ file, target, url, patience, signal, tell }: Pulling) {
  const part = await download({
    url,
    target,
    bytes: file.bytes,
    signal,
    ...(patience && { patience }),
    onProgress: (bytes) => tell({ type: 'downloading', bytes }),
    onRetry: (reason) => tell({ type: 'retrying', reason }),
  });
  const sums = await checksumsOf(part.path, (bytes) => tell({ type: 'checking', bytes }));
  await part.forget();
  return sums;
}

function isRight(sums: Checksums, { checksum }: CatalogFile): boolean {
  return sums[checksum.algorithm] === checksum.hex;
}
