import { expect, it } from 'vitest';
import { findLanguage } from '../../../src/speech/espeak/espeak-voices.js';

const languages = [
  { identifier: 'gmw/en', name: 'English (Great Britain)', tags: ['en-gb', 'en'] },
  { identifier: 'gmw/en-US', name: 'English (America)', tags: ['en-us', 'en'] },
  { identifier: 'gmw/de', name: 'German', tags: ['de'] },
  { identifier: 'sit/cmn', name: 'Chinese (Mandarin)', tags: ['cmn', 'zh-cmn', 'zh'] },
  { identifier: 'roa/pt', name: 'Portuguese', tags: ['pt', 'pt-pt'] },
  { identifier: 'roa/pt-BR', name: 'Portuguese (Brazil)', tags: ['pt-br', 'pt'] },
];

it.each([
  ['de', 'gmw/de'],
  ['de-AT', 'gmw/de'],
  ['DE', 'gmw/de'],
  ['en', 'gmw/en-US'],
  ['en_GB', 'gmw/en'],
  ['zh', 'sit/cmn'],
  ['zh-CN', 'sit/cmn'],
  ['pt-BR', 'roa/pt-BR'],
  ['pt', 'roa/pt'],
  ['xx', undefined],
])('%s is spoken as %s', (tag, identifier) => {
  expect(findLanguage(tag, languages)?.identifier).toBe(identifier);
});
