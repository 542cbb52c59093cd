import { describe, expect, test } from 'vitest';
import { backoffMs } from '../../../clients/js/src/backoff.js';
import { CaptionQueue } from '../../../clients/js/src/caption-queue.js';
import {
  addCaption,
  type CaptionLog,
  defaultReconnect,
  emptyLog,
  type Final,
  formatCaptions,
  type Partial,
} from '../../../clients/js/src/index.js';

describe('CaptionQueue', () => {
  test('a slow reader skips states of an utterance, and no utterance', async () => {
    const queue = new CaptionQueue(() => {});
    queue.push(partial('a', 'And'));
    queue.push(partial('a', 'And so'));
    queue.push(final('a', 'And so.'));
    queue.push(partial('b', 'Ask'));
    queue.end(null);
    const read = [];
    for await (const caption of queue) read.push(caption.type);
    expect(read).toEqual(['final', 'partial']);
  });

  test('who does not read at all is told', async () => {
    const queue = new CaptionQueue(() => {});
    for (let i = 0; i < 10_001; i++) queue.push(final(`u${i}`, 'x'));
    await expect(queue.next()).rejects.toMatchObject({ code: 'captions_not_read' });
  });
});

test('a log keeps finals and what is open', () => {
  const captions = [partial('a', 'And'), final('a', 'And so.'), final('b', ''), partial('c', 'A')];
  const log = captions.reduce<CaptionLog>(addCaption, emptyLog);
  expect(log.finals.map(({ text }) => text)).toEqual(['And so.']);
  expect(log.partial?.utterance_id).toBe('c');
});

describe('formatCaptions', () => {
  const captions = [
    final('a', 'And so <we> ask.', 3_661_001, 3_663_500),
    final('b', '你好。', 3_664_000, 3_664_900),
  ];

  test('text has a line for each', () => {
    expect(formatCaptions(captions, 'txt')).toBe('And so <we> ask.\n你好。\n');
  });

  test('subtitles have numbers and times', () => {
    expect(formatCaptions(captions, 'srt')).toBe(
      '1\n01:01:01,001 --> 01:01:03,500\nAnd so <we> ask.\n\n' +
        '2\n01:01:04,000 --> 01:01:04,900\n你好。\n\n',
    );
    expect(formatCaptions(captions, 'vtt')).toBe(
      'WEBVTT\n\n01:01:01.001 --> 01:01:03.500\nAnd so &lt;we&gt; ask.\n\n' +
        '01:01:04.000 --> 01:01:04.900\n你好。\n\n',
    );
  });

  test('a long utterance is cut between words, at the times of the words', () => {
    const words = Array.from({ length: 40 }, (_, i) => ({
      word: `word${i}`,
      start_ms: i * 300,
      end_ms: i * 300 + 200,
      probability: 1,
    }));
    const text = words.map(({ word }) => word).join(' ');
    const srt = formatCaptions([{ ...final('a', text, 0, 12_000), words }], 'srt');
    const cues = srt.trim().split('\n\n');
    expect(cues.length).toBeGreaterThan(2);
    expect(cues.map((cue) => cue.split('\n')[2]).join(' ')).toBe(text);
    for (const cue of cues) expect(cue.split('\n')[2]?.length).toBeLessThanOrEqual(84);
    expect(cues[0]).toContain('00:00:00,000 -->');
  });

  test('speakers are named, and may overlap', () => {
    const [first, second] = captions as [Final, Final];
    const spoken = [
      { ...first, words: [word('And', 1_000), word('so', 1_300), word('<we> ask.', 12_000)] },
      { ...second, start_ms: 5_000, end_ms: 6_000, speaker: 'B & C' },
    ];
    const said = spoken.map((each) => ({ speaker: 'Anna', ...each }));
    expect(formatCaptions(said, 'txt')).toBe('Anna: And so <we> ask.\nB & C: 你好。\n');
    expect(formatCaptions(said, 'vtt').match(/<v .+/g)).toEqual([
      '<v Anna>And so',
      '<v B &amp; C>你好。',
      '<v Anna>&lt;we&gt; ask.',
    ]);
    expect(formatCaptions(said, 'srt')).toContain('\nB & C: 你好。\n');
  });

  test('json has everything', () => {
    const { captions: all } = JSON.parse(formatCaptions(captions, 'json'));
    expect(all[0]).toMatchObject({ start_ms: 3_661_001, text: 'And so <we> ask.' });
  });
});

test('pauses grow up to a limit, and are never shorter than asked', () => {
  const pauses = [1, 2, 3, 20].map((attempt) => backoffMs(defaultReconnect, attempt, 0, () => 0));
  expect(pauses).toEqual([300, 600, 1_200, 15_000]);
  expect(backoffMs(defaultReconnect, 1, 0, () => 1)).toBeCloseTo(210);
  expect(backoffMs(defaultReconnect, 1, 5_000)).toBe(5_000);
});

function word(text: string, start_ms: number) {
  return { word: text, start_ms, end_ms: start_ms + 200, probability: 1 };
}

function partial(utterance_id: string, committed: string): Partial {
  return {
    type: 'partial',
    session_id: 's',
    seq: 1,
    utterance_id,
    start_ms: 0,
    end_ms: 1_000,
    committed,
    tentative: '',
    rung: 'cut',
  };
}

function final(utterance_id: string, text: string, start_ms = 0, end_ms = 1_000): Final {
  return {
    type: 'final',
    session_id: 's',
    seq: 1,
    utterance_id,
    start_ms,
    end_ms,
    text,
    language: 'en',
    confidence: 1,
    rung: 'full',
  };
}
