import { createHash, randomBytes } from 'node:crypto';
import type { CatalogModel } from '../../src/models/index.js';

/** A file as a hub may have it, with what a catalogue would say of it. */
export function smallModel(bytes: number): { model: CatalogModel; contents: Buffer } {
  const contents = randomBytes(bytes);
  const model: CatalogModel = {
    name: 'mini',
    file: 'ggml-mini.bin',
    bytes,
    sha1: createHash('sha1').update(contents).digest('hex'),
    memoryBytes: bytes,
    languages: 99,
    licence: 'MIT',
    hubPath: 'some/where/ggml-mini.bin',
  };
  return { model, contents };
}
