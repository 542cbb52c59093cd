import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { waveformHeight } from '../../../clients/web/src/transcript/waveform-height.js';
import { waveformStyle } from '../../../src/http/web/web-routes.js';

test('the one inline style that pages may have is that of wavesurfer.js', () => {
  const { resolve } = createRequire(import.meta.url);
  const file = resolve('wavesurfer.js').replace(/[^/]+$/, 'wavesurfer.esm.js');
  const [, style] = /<style\$\{.*?\}>(.*?)<\/style>/s.exec(readFileSync(file, 'utf8')) ?? [];
  const written = String(style)
    .replaceAll('\\n', '\n')
    .replace(/\$\{this\.getHeight\(.*?\)\}/, String(waveformHeight));
  expect(written).not.toContain('${');
  expect(waveformStyle).toBe(`'sha256-${createHash('sha256').update(written).digest('base64')}'`);
});
