import { createHash, randomBytes } from 'node:crypto';
import type { CatalogFile, CatalogModel } from '../../src/models/index.js';

const unspecified = { languages: 99, language: null, licence: 'MIT' } as const;

/** A file as a hub may have it, with what a catalogue would say of it. */
export function smallModel(bytes: number): { model: CatalogModel; contents: Buffer; sha1: string } {
  const contents = randomBytes(bytes);
  const sha1 = createHash('sha1').update(contents).digest('hex');
  const file: CatalogFile = {
    name: '',
    bytes,
    checksum: { algorithm: 'sha1', hex: sha1 },
    hubPath: 'some/where/ggml-mini.bin',
  };
  const model: CatalogModel = {
    name: 'mini',
    kind: 'recognition',
    path: 'ggml-mini.bin',
    files: [file],
    bytes,
    memoryBytes: bytes,
    ...unspecified,
  };
  return { model, contents, sha1 };
}

/** A voice of these files, as a catalogue would describe it. */
export function smallVoice(name: string, contents: Readonly<Record<string, Buffer>>): CatalogModel {
  const files = Object.entries(contents).map(
    ([file, bytes]): CatalogFile => ({
      name: file,
      bytes: bytes.length,
      checksum: { algorithm: 'sha256', hex: createHash('sha256').update(bytes).digest('hex') },
      hubPath: `some/voice/${file}`,
    }),
  );
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const path = `voices/${name}`;
  return { name, kind: 'voice', path, files, bytes, memoryBytes: bytes, ...unspecified };
}
