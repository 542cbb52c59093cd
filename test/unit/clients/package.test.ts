import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../../../clients/js');

/** What the whole client may take of a page, in bytes over the network. Stated in its README. */
const budget = 12_000;

test('the client stays within its size, and brings nothing else along', async () => {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      target: 'es2023',
      lib: { entry: join(folder, 'src/index.ts'), formats: ['es'] },
    },
  });
  const [{ output }] = result as unknown as [{ output: { code: string; moduleIds?: string[] }[] }];
  const modules = output.flatMap(({ moduleIds = [] }) => moduleIds);
  // Types are all it has of the gateway: a schema library in a page would be a mistake of ours.
  expect(modules.filter((id) => !id.startsWith(folder))).toEqual([]);
  expect(gzipSync(output[0]?.code ?? '').length).toBeLessThan(budget);
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain(`${budget / 1_000} kB`);
});

test('its types stand alone', () => {
  const types = readFileSync(join(folder, 'dist/protocol.d.ts'), 'utf8');
  expect(types).toContain('"transcription_started"');
  expect(types).not.toMatch(/\bimport\b|\bany\b/);
});
