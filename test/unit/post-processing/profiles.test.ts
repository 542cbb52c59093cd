import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/errors/index.js';
import {
  openPostProcessing,
  type PostProcessor,
  UtteranceText,
} from '../../../src/post-processing/index.js';
import { postProcessingSchema } from '../../../src/protocol/index.js';
import { joinWords } from '../../../src/transcript/index.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { wordsOf } from '../transcript/words-of.js';

async function open(content: unknown, module?: string) {
  return (await openWith(content, module)).choose;
}

function openWith(content: unknown, module?: string) {
  const folder = temporaryFolder();
  const postProcessingFile = join(folder, 'post-processing.json');
  writeFileSync(
    postProcessingFile,
    typeof content === 'string' ? content : JSON.stringify(content),
  );
  const postProcessingModule = module && join(folder, 'hook.mjs');
  if (postProcessingModule) writeFileSync(postProcessingModule, module);
  const options = { postProcessingFile, postProcessingModule };
  return openPostProcessing(options, () => {});
}

function shown(processor: PostProcessor, text = 'damn it'): string {
  return joinWords(new UtteranceText(processor).final(wordsOf(text), 'en', true));
}

const profiles = {
  default: { mask: { words: ['damn'] } },
  loud: { replacements: [{ from: 'it', to: 'IT' }], formatting: 'sentences' },
};

describe('profiles', () => {
  test('what a request says wins over the profile it builds on, field by field', async () => {
    const choose = await open({ profiles });
    expect(shown(choose(undefined))).toBe('d*** it');
    expect(shown(choose({}))).toBe('d*** it');
    expect(shown(choose({ replacements: [{ from: 'it', to: 'all' }] }))).toBe('d*** all');
    expect(shown(choose({ mask: { words: [], style: 'letters' } }))).toBe('damn it');
    expect(shown(choose({ profile: 'loud' }))).toBe('Damn IT');
    expect(shown(choose({ profile: 'loud', formatting: 'none' }))).toBe('damn IT');
    expect(shown(choose({ profile: 'none', formatting: 'sentences' }))).toBe('Damn it');
  });

  test("a caller's own profile is the one that is used where no other is named", async () => {
    const choose = await open({ profiles });
    expect(shown(choose(undefined, 'loud'))).toBe('Damn IT');
    expect(shown(choose({ profile: 'default' }, 'loud'))).toBe('d*** it');
  });

  test('an unknown one is refused with the names that there are', async () => {
    const choose = await open({ profiles });
    for (const profile of ['quiet', 'constructor', '__proto__']) {
      expect(() => choose({ profile })).toThrow(GatewayError);
      expect(() => choose({ profile })).toThrow(/There are default, none, loud\.$/);
    }
  });

  test('without a file nothing is changed', async () => {
    const { choose } = await openPostProcessing({}, () => {});
    expect(choose(undefined).active).toBe(false);
    expect(() => choose({ profile: 'loud' })).toThrow(/There are default, none\.$/);
  });

  test('rules that were settled need no profile any more, and survive JSON', async () => {
    const module = 'export const postProcess = (word) => word.toUpperCase();';
    const { settle } = await openWith({ profiles }, module);
    const settled = ['default', 'none'].map((profile) => JSON.stringify(settle({ profile })));
    const { processor } = await openWith({ profiles: {} }, module);
    const [masked, none] = settled.map((rules) => shown(processor(JSON.parse(rules))));
    expect([masked, none]).toEqual(['D*** IT', 'damn it']);
  });

  test("the operator's module is asked whatever the rules are, unless nothing is wanted", async () => {
    const module = 'export const postProcess = (word) => word.toUpperCase();';
    const choose = await open({ profiles }, module);
    expect(shown(choose(undefined))).toBe('D*** IT');
    expect(shown(choose({ profile: 'none' }))).toBe('damn it');
  });

  test.each([
    ['no JSON', /POST_PROCESSING_FILE: .* cannot be read: /],
    [{ default: {} }, /cannot be used: .*profiles.*default/],
    [{ profiles: { default: { replace: [] } } }, /profiles\.default: .*"replace"/],
    [{ profiles: { default: { profile: 'loud' } } }, /profiles\.default: .*"profile"/],
    [{ profiles: { none: {} } }, /the profile "none" changes nothing/],
    [
      { profiles: { default: { replacements: [{ from: 'a' }] } } },
      /profiles\.default\.replacements\.0\.to: /,
    ],
  ])('%j is refused, with what is wrong and where', async (content, message) => {
    await expect(open(content)).rejects.toThrow(message);
  });

  test('a file that is not there is refused', async () => {
    const opened = openPostProcessing({ postProcessingFile: '/nowhere.json' }, () => {});
    await expect(opened).rejects.toThrow(/POST_PROCESSING_FILE: \/nowhere.json cannot be read/);
  });
});

describe('what a request may say', () => {
  const phrases = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);

  test.each([
    { replacements: [{ from: '', to: 'x' }] },
    { replacements: [{ from: 'x'.repeat(101), to: 'x' }] },
    { replacements: [{ from: 'x', to: 'x'.repeat(201) }] },
    { replacements: [{ from: [], to: 'x' }] },
    { replacements: phrases(501).map((from) => ({ from, to: '' })) },
    { replacements: phrases(21).map(() => ({ from: phrases(100), to: '' })) },
    { replacements: [{ from: 'x', to: 'y', pattern: true }] },
    { mask: { words: phrases(2_001) } },
    { mask: { words: ['x'], style: 'stars' } },
    { formatting: 'loud' },
    { formating: 'plain' },
  ])('is bounded and spelt right (%#)', (request) => {
    expect(postProcessingSchema.safeParse(request).success).toBe(false);
  });

  test('is a small part of the largest list', () => {
    const replacements = phrases(500).map((from) => ({ from: [from, `${from} b`], to: 'x' }));
    const request = { replacements, mask: { words: phrases(2_000) } };
    expect(postProcessingSchema.safeParse(request).success).toBe(true);
  });
});
