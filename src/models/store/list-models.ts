import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GatewayError } from '../../errors/index.js';
import { memoryOf, modelCatalog } from '../catalog.js';
import type { CatalogModel, ModelKind } from '../catalog-model.js';
import { embeddedModel, knownModels } from '../embedded.js';
import { listVoiceFolders, openVoiceFolder } from '../voices/voice-folder.js';
import { voiceMemoryOf } from '../voices/voice-memory.js';
import { voicesDirOf } from '../voices/voices-folder.js';
import { type Check, glanceAtModel } from './check-model.js';
import { embeddedPath, embeddedProblem } from './embedded-file.js';
import { inspectModel } from './inspect-model.js';
import { nameOfFile } from './model-name.js';
import { sizeOf } from './size-of.js';

/** A model that is here, or that can be downloaded. */
export interface ListedModel {
  readonly name: string;
  readonly kind: ModelKind;
  /** Of its file, or of a voice's folder; null where it is not here. */
  readonly path: string | null;
  /** Of what is here; of that which can be downloaded, where none is here. */
  readonly bytes: number;
  readonly memoryBytes: number;
  /** How many it knows; null where nobody has said. */
  readonly languages: number | null;
  /** BCP 47, where it is known to be one only. */
  readonly language: string | null;
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

/** Those of the catalogue, and what else is in the folder: `.bin` files, and folders of voices. */
export async function listFurtherModels(dir: string): Promise<ListedModel[]> {
  const folder = resolve(dir);
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.bin'));
  const known = new Set([
    ...modelCatalog.map(({ path }) => path),
    ...knownModels.map(({ file }) => file),
  ]);
  const own = files.filter((file) => !known.has(file));
  const voices = await listVoiceFolders(voicesDirOf(folder));
  const ownVoices = voices.filter((name) => !modelCatalog.some((model) => model.name === name));
  return await Promise.all([
    ...modelCatalog.map((model) => listFromCatalog(model, folder)),
    ...own.map((file) => listOwn(join(folder, file), file)),
    ...ownVoices.map((name) => listOwnVoice(name, voicesDirOf(folder))),
  ]);
}

async function listEmbedded(dir: string): Promise<ListedModel> {
  const { name, bytes } = embeddedModel;
  const path = await embeddedPath(embeddedModel, dir);
  const problem = await embeddedProblem(embeddedModel, path);
  return {
    name,
    kind: 'recognition',
    path,
    bytes,
    memoryBytes: memoryOf(name, bytes),
    languages: 99,
    language: null,
    licence: 'MIT',
    origin: 'embedded',
    check: problem
      ? { state: 'damaged', problem }
      : { state: 'ok', checkedAt: new Date().toISOString() },
    partBytes: 0,
  };
}

async function listFromCatalog(model: CatalogModel, dir: string): Promise<ListedModel> {
  const { name, kind, memoryBytes, languages, language, licence } = model;
  const path = join(dir, model.path);
  const isHere = (await stat(path).catch(() => null)) !== null;
  return {
    ...{ name, kind, memoryBytes, languages, language, licence },
    path: isHere ? path : null,
    bytes: (isHere ? await sizeOf(path) : null) ?? model.bytes,
    origin: 'catalogue',
    check: isHere ? ((await glanceAtModel(name, path)) ?? { state: 'unread' }) : null,
    partBytes: (await sizeOf(`${path}.part`)) ?? 0,
  };
}

async function listOwn(path: string, file: string): Promise<ListedModel> {
  const { size } = await stat(path);
  const name = nameOfFile(file);
  const header = await inspectModel(path).catch((error: unknown) => GatewayError.from(error));
  const multilingual = header instanceof GatewayError ? null : header.multilingual;
  return {
    name,
    kind: 'recognition',
    path,
    bytes: size,
    memoryBytes: memoryOf(name, size),
    languages: multilingual === null ? null : multilingual ? 99 : 1,
    language: multilingual === false ? 'en' : null,
    licence: null,
    origin: 'own',
    check:
      header instanceof GatewayError
        ? { state: 'damaged', problem: 'is not a model that the engine reads' }
        : ((await glanceAtModel(name, path)) ?? { state: 'unread' }),
    partBytes: 0,
  };
}

async function listOwnVoice(name: string, voicesDir: string): Promise<ListedModel> {
  const path = join(voicesDir, name);
  const voice = await openVoiceFolder(voicesDir, name).catch((error: unknown) =>
    GatewayError.from(error),
  );
  const isVoice = !(voice instanceof GatewayError);
  const language = isVoice ? voice.language : null;
  return {
    name,
    kind: 'voice',
    path,
    bytes: (await sizeOf(path)) ?? 0,
    memoryBytes: voiceMemoryOf(isVoice ? voice.bytes : 0),
    languages: language === null ? null : 1,
    language,
    licence: null,
    origin: 'own',
    check: isVoice
      ? ((await glanceAtModel(name, path)) ?? { state: 'unread' })
      : { state: 'damaged', problem: 'is no voice that the gateway can speak with' },
    partBytes: 0,
  };
}
