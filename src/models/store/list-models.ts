import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GatewayError } from '../../errors/index.js';
import { type CatalogModel, memoryOf, modelCatalog } from '../catalog.js';
import { embeddedModel, knownModels } from '../embedded.js';
import { type Check, glanceAtModel } from './check-model.js';
import { embeddedPath, embeddedProblem } from './embedded-file.js';
import { inspectModel } from './inspect-model.js';
import { nameOfFile } from './model-name.js';
import { PartFile } from './part-file.js';

/** A speech model that is here, or that can be downloaded. */
export interface ListedModel {
  readonly name: string;
  /** Null where it is not here. */
  readonly path: string | null;
  /** Of the file; of that which can be downloaded, where none is here. */
  readonly bytes: number;
  readonly memoryBytes: number;
  /** 1 is English; null where nobody has said. */
  readonly languages: number | null;
  readonly licence: string | null;
  readonly origin: 'embedded' | 'catalogue' | 'own';
  /** Null where the model is not here; `unread` where only reading the file could tell. */
  readonly check: Check | { readonly state: 'unread' } | null;
  /** What an unfinished download has brought so far. */
  readonly partBytes: number;
}

/** All models. The embedded one is read, which takes a fraction of a second; the others are not. */
export async function listModels(dir: string): Promise<ListedModel[]> {
  return [await listEmbedded(resolve(dir)), ...(await listFurtherModels(dir))];
}

/** Those of the catalogue, and further `.bin` files of the folder. */
export async function listFurtherModels(dir: string): Promise<ListedModel[]> {
  const folder = resolve(dir);
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.bin'));
  const known = new Set([...modelCatalog, ...knownModels].map(({ file }) => file));
  const own = files.filter((file) => !known.has(file));
  return await Promise.all([
    ...modelCatalog.map((model) => listFromCatalog(model, folder)),
    ...own.map((file) => listOwn(join(folder, file), file)),
  ]);
}

async function listEmbedded(dir: string): Promise<ListedModel> {
  const { name, bytes } = embeddedModel;
  const path = await embeddedPath(embeddedModel, dir);
  const problem = await embeddedProblem(embeddedModel, path);
  return {
    name,
    path,
    bytes,
    memoryBytes: memoryOf(name, bytes),
    languages: 99,
    licence: 'MIT',
    origin: 'embedded',
    check: problem
      ? { state: 'damaged', problem }
      : { state: 'ok', checkedAt: new Date().toISOString() },
    partBytes: 0,
  };
}

async function listFromCatalog(model: CatalogModel, dir: string): Promise<ListedModel> {
  const path = join(dir, model.file);
  const file = await stat(path).catch(() => null);
  return {
    name: model.name,
    path: file && path,
    bytes: file?.size ?? model.bytes,
    memoryBytes: model.memoryBytes,
    languages: model.languages,
    licence: model.licence,
    origin: 'catalogue',
    check: file && ((await glanceAtModel(model.name, path)) ?? { state: 'unread' }),
    partBytes: await new PartFile(path).size(),
  };
}

async function listOwn(path: string, file: string): Promise<ListedModel> {
  const { size } = await stat(path);
  const name = nameOfFile(file);
  const header = await inspectModel(path).catch((error: unknown) => GatewayError.from(error));
  return {
    name,
    path,
    bytes: size,
    memoryBytes: memoryOf(name, size),
    languages: header instanceof GatewayError ? null : header.multilingual ? 99 : 1,
    licence: null,
    origin: 'own',
    check:
      header instanceof GatewayError
        ? { state: 'damaged', problem: 'is not a model that the engine reads' }
        : ((await glanceAtModel(name, path)) ?? { state: 'unread' }),
    partBytes: 0,
  };
}
