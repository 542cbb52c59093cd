import { expect, test } from 'vitest';
import {
  defaultOptions,
  overlayParameters,
  parseOptions,
  toQuery,
} from '../../../../clients/overlay/src/overlay-parameters.js';
import { SpeakerColours } from '../../../../clients/overlay/src/speaker-colours.js';

const parse = (query: string) => parseOptions(new URLSearchParams(query));

test('an address with nothing but a room is as the defaults say', () => {
  expect(parse('room=main+hall')).toEqual({
    options: { ...defaultOptions, room: 'main hall' },
    wrong: [],
  });
});

test('every parameter is read, in either case and with or without #', () => {
  const query =
    'room=r&lines=3&chars=30&min_ms=900&clear_ms=0&tentative=hide&size=7.5&font=Noto Sans, serif&weight=400' +
    '&color=%23FFCC00&background=transparent&edge=Outline&page=00ff00&position=top&align=left&margin=0' +
    '&speakers=both&colors=red,Anna:00f,Ben Low:abc&language=DE';
  const { options, wrong } = parse(query);
  expect(wrong).toEqual([]);
  expect(options).toEqual({
    ...{ room: 'r', lines: 3, chars: 30, min_ms: 900, clear_ms: 0, tentative: 'hide', size: 7.5 },
    ...{ font: 'Noto Sans, serif', weight: 400, color: 'ffcc00', background: 'transparent' },
    ...{ edge: 'outline', page: '00ff00', position: 'top', align: 'left', margin: 0 },
    ...{ speakers: 'both', colors: 'red,Anna:00f,Ben Low:abc', language: 'de' },
  });
  expect(parse(toQuery(options)).options).toEqual(options);
  expect(Object.keys(options)).toEqual(Object.keys(overlayParameters));
});

test.each([
  'lines=0',
  'lines=11',
  'lines=two',
  'color=url(//x)',
  'color=ffff0',
  'colors=red;blue',
  'align=centre',
  'language=english',
])('%s is not understood, and said to be', (query) => {
  const { options, wrong } = parse(`room=r&${query}`);
  expect(wrong).toEqual([query.split('=')[0]]);
  expect(options).toEqual({ ...defaultOptions, room: 'r' });
});

test.each(['..', 'a/b', '-a', 'a'.repeat(101)])('%s is no name of a room', (room) => {
  expect(parse(toQuery({ ...defaultOptions, room }))).toEqual({
    options: defaultOptions,
    wrong: ['room'],
  });
});

test('only what differs stands in an address', () => {
  expect(toQuery({ ...defaultOptions, room: 'a b', lines: 3 })).toBe('room=a+b&lines=3');
});

test('speakers keep their colour, and have one of their own while there are enough', () => {
  const colours = new SpeakerColours('aaa,bbb,ccc,Anna:ddd');
  expect(colours.of('Anna')).toBe('ddd');
  const given = ['Ben', 'Cem', 'Dora'].map((name) => colours.of(name));
  expect(new Set(given)).toEqual(new Set(['aaa', 'bbb', 'ccc']));
  expect(colours.of('Ben')).toBe(given[0]);
  expect(new SpeakerColours('aaa,bbb,ccc').of('Ben')).toBe(given[0]);
  expect(['aaa', 'bbb', 'ccc']).toContain(colours.of('Emil'));
  expect(new SpeakerColours('').of('Ben')).toBeNull();
});
