import { describe, expect, it } from 'vitest';
import { tokens, words } from '../../../bench/live/measure/tokens.mjs';

describe('words as they are compared', () => {
  it.each([
    ['case and punctuation do not count', '“I don’t KNOW…”, she said.', 'i dont know she said'],
    ['hyphens and dashes part words', 'wood-cutters—of old – here', 'wood cutters of old here'],
    [
      'titles are spelled out',
      'Mr. Hale met Dr. Lee & St. John',
      'mister hale met doctor lee and saint john',
    ],
    ['numbers are spelled out', '15 of 1,450', 'fifteen of one thousand four hundred fifty'],
    [
      'years are read as years',
      'in 1455 and 1905 and 1900',
      'in fourteen fifty five and nineteen o five and nineteen hundred',
    ],
    [
      'ordinals and decades',
      'the 21st and the 1890s',
      'the twenty first and the eighteen nineties',
    ],
    ['money, shares and decimals', '$5, 50%, 3.5', 'five dollars fifty percent three point five'],
    ['the time of day', 'at 10:30', 'at ten thirty'],
  ])('English: %s', (_, text, expected) => {
    expect(words(text).join(' ')).toBe(expected);
  });

  it.each([
    ['by the character, without spaces and punctuation', '这次， 再发生。', '这次再发生'],
    ['traditional characters of the references are simplified', '國家的發展', '国家的发展'],
    ['figures are spelled out', '有11个', '有十一个'],
    ['years digit by digit', '在2016年底', '在二零一六年底'],
    ['shares and decimals', '3.5%', '3.5%'],
    [
      'zeros within a number',
      '共1005个，20300个，10086个',
      '共一千零五个二万零三百个一万零八十六个',
    ],
    ['Latin words are words', '使用这个logo', '使用这个 logo'],
  ])('Chinese: %s', (_, text, expected) => {
    const heard = words(`${text}的`).join('');
    const wanted = expected === '3.5%' ? '百分之三点五' : expected.replace(' ', '');
    expect(heard).toBe(`${wanted}的`);
  });

  it('tells where each word stands, without the punctuation around it', () => {
    expect(tokens(' “So”, 21st')).toEqual([
      { token: 'so', start: 2, end: 4 },
      { token: 'twenty', start: 7, end: 11 },
      { token: 'first', start: 7, end: 11 },
    ]);
  });
});
