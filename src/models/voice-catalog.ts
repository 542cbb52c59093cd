import type { CatalogFile, CatalogModel } from './catalog-model.js';
import { voiceMemoryOf } from './voices/voice-memory.js';
import { voicesFolder } from './voices/voices-folder.js';

/** Revisions of the hub's repositories: what is in them never changes. */
const piperRepository = 'rhasspy/piper-voices/resolve/c10ece1aade47bb51c153c893d14e5bf8e5b7117';
const kokoroRepository =
  'csukuangfj/kokoro-multi-lang-v1_0/resolve/f7b96bb6bef5c5da4d3aa4f4e0498fbbf62dc78b';

type Published = readonly [name: string, bytes: number, sha256: string];

/**
 * Voices of Piper, each an `.onnx` file and its description. Sizes and SHA-256 are those of the hub's
 * files at that revision; licences are those that each voice's `MODEL_CARD` states for its recordings.
 */
const piperVoices: readonly (readonly [
  language: string,
  licence: string,
  model: Published,
  description: Published,
])[] = [
  [
    'en-US',
    'CC0-1.0',
    [
      'en/en_US/joe/medium/en_US-joe-medium.onnx',
      63_201_294,
      '58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06',
    ],
    [
      'en/en_US/joe/medium/en_US-joe-medium.onnx.json',
      4_794,
      '3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33',
    ],
  ],
  [
    'en-US',
    'public domain',
    [
      'en/en_US/ljspeech/medium/en_US-ljspeech-medium.onnx',
      63_531_379,
      '6f52a751e2349abe7a76735eb09dc1875298c77ea2342ffd2fef79ff81b87f22',
    ],
    [
      'en/en_US/ljspeech/medium/en_US-ljspeech-medium.onnx.json',
      4_972,
      '141d612cc0a95ed7efc1ca936b845c2364967f2e9217c5dbfcf69fc4d6c65860',
    ],
  ],
  [
    'de-DE',
    'CC0-1.0',
    [
      'de/de_DE/thorsten/medium/de_DE-thorsten-medium.onnx',
      63_201_294,
      '7e64762d8e5118bb578f2eea6207e1a35a8e0c30595010b666f983fc87bb7819',
    ],
    [
      'de/de_DE/thorsten/medium/de_DE-thorsten-medium.onnx.json',
      4_819,
      '974adee790533adb273a1ac88f49027d2a1b8f0f2cf4905954a4791e79264e85',
    ],
  ],
  [
    'fr-FR',
    'CC-BY-4.0',
    [
      'fr/fr_FR/siwis/medium/fr_FR-siwis-medium.onnx',
      63_201_294,
      '641d1ab097da2b81128c076810edb052b385decc8be3381814802a64a73baf99',
    ],
    [
      'fr/fr_FR/siwis/medium/fr_FR-siwis-medium.onnx.json',
      4_875,
      '39479916c2db192b5ac9764daddd0c744d83e023ad890c6976c0633ae4df8959',
    ],
  ],
  [
    'zh-CN',
    'see MODEL_CARD',
    [
      'zh/zh_CN/huayan/medium/zh_CN-huayan-medium.onnx',
      63_201_294,
      '9929917bf8cabb26fd528ea44d3a6699c11e87317a14765312420be230be0f3d',
    ],
    [
      'zh/zh_CN/huayan/medium/zh_CN-huayan-medium.onnx.json',
      4_822,
      'd521dc45504a8ccc99e325822b35946dd701840bfb07e3dbb31a40929ed6a82b',
    ],
  ],
];

/**
 * Kokoro 82M 1.0 in the form of sherpa-onnx. Its repository has a copy of eSpeak NG's data as well, which
 * the gateway has itself, and British pronunciations, which would compete with the American ones.
 */
const kokoroFiles: readonly Published[] = [
  ['model.onnx', 325_560_556, 'b40f62b166ac8164b0627ef48a0b358eda0985e272fb03ef5252e7206305da11'],
  ['voices.bin', 28_200_960, '1c5a5b983d3d50d8586d437a51f3faa2da7919ce76a013c081e65671a3447c29'],
  ['tokens.txt', 687, '6ebb6bb288f20f3ae8d004d3c2ca27697da27c037d75e81a60e2a6a663f95425'],
  [
    'lexicon-us-en.txt',
    5_956_885,
    '7daaab53a181be9885b853a8582bf1838186317e5dadacbcef9c426d6fa0da14',
  ],
  ['lexicon-zh.txt', 2_365_182, '902bc2d20ac7c449c5ecbbbb23c89d12119c03ed5b8ed27f114f0260c9e35229'],
];

/** Every voice that can be downloaded. */
export const voiceCatalog: readonly CatalogModel[] = [
  ...piperVoices.map(([language, licence, ...files]) => {
    const voice = { languages: 1, language, licence };
    return voiceOf(nameOf(files[0][0], '.onnx'), piperRepository, files, voice);
  }),
  voiceOf('kokoro-multi-lang-v1_0', kokoroRepository, kokoroFiles, {
    languages: 2,
    language: null,
    licence: 'Apache-2.0',
  }),
];

function voiceOf(
  name: string,
  repository: string,
  published: readonly Published[],
  rest: Pick<CatalogModel, 'languages' | 'language' | 'licence'>,
): CatalogModel {
  const files = published.map(
    ([path, bytes, hex]): CatalogFile => ({
      name: nameOf(path),
      bytes,
      checksum: { algorithm: 'sha256', hex },
      hubPath: `${repository}/${path}`,
    }),
  );
  return {
    name,
    kind: 'voice',
    path: `${voicesFolder}/${name}`,
    files,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    memoryBytes: voiceMemoryOf(files.find((file) => file.name.endsWith('.onnx'))?.bytes ?? 0),
    ...rest,
  };
}

/** The last part of a path on the hub. */
function nameOf(path: string, suffix = ''): string {
  return path.slice(path.lastIndexOf('/') + 1, path.length - suffix.length);
}
