import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Final } from '../../../../clients/js/src/index.js';
import {
  formatTranscript,
  type MeetingRecord,
} from '../../../../clients/meeting-bot/src/transcript/format-transcript.js';
import {
  MeetingTranscript,
  overlapsOf,
} from '../../../../clients/meeting-bot/src/transcript/meeting-transcript.js';
import { TranscriptFiles } from '../../../../clients/meeting-bot/src/transcript/transcript-files.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

describe('MeetingTranscript', () => {
  test('lines are in order of their beginnings, on the clock of the meeting', () => {
    const transcript = new MeetingTranscript(10);
    transcript.add('Ben', 10_000, final('Yes.', 500, 900));
    // Said before, finished after.
    transcript.add('Anna', 2_000, final('A long sentence.', 4_000, 9_000, ['A', 'long']));
    transcript.add('Anna', 2_000, final('', 9_500, 9_800));
    expect(transcript.lines.map(({ speaker, start_ms }) => [speaker, start_ms])).toEqual([
      ['Anna', 6_000],
      ['Ben', 10_500],
    ]);
    expect(transcript.lines[0]?.words?.map(({ start_ms }) => start_ms)).toEqual([6_000, 6_100]);
  });

  test('it says when it is full', () => {
    const transcript = new MeetingTranscript(1);
    transcript.add('Anna', 0, final('One.', 0, 1));
    expect(transcript.isFull).toBe(false);
    transcript.add('Anna', 0, final('Two.', 2, 3));
    expect(transcript.isFull).toBe(true);
    expect(transcript.lines).toHaveLength(1);
  });

  test('a number gives way to a name', () => {
    const transcript = new MeetingTranscript(10);
    transcript.add('Participant 1', 0, final('Hello.', 0, 1_000));
    transcript.rename('Participant 1', 'Ben');
    expect(transcript.lines[0]?.speaker).toBe('Ben');
  });
});

test('who speaks at the same time is found, however long one of them speaks', () => {
  const transcript = new MeetingTranscript(10);
  transcript.add('Anna', 0, final('Long.', 0, 20_000));
  transcript.add('Ben', 0, final('Yes.', 1_000, 2_000));
  transcript.add('Ben', 0, final('No.', 3_000, 4_000));
  transcript.add('Chloé', 0, final('Then.', 3_500, 5_000));
  // Only touching.
  transcript.add('Ben', 0, final('Well.', 19_900, 22_000));
  expect(overlapsOf(transcript.lines)).toEqual([
    ['Ben', 'Chloé'],
    ['Anna'],
    ['Anna', 'Chloé'],
    ['Anna', 'Ben'],
    [],
  ]);
});

describe('formatTranscript', () => {
  test('text is for reading', () => {
    expect(formatTranscript(record(), 'txt')).toBe(
      'https://meet.example/Board\n2026-11-23 09:00:00 UTC\n\n' +
        '[00:00:01 – 00:00:05] Anna (at the same time as Ben): And so <we> ask.\n' +
        '[00:00:02 – 00:00:03] Ben (at the same time as Anna): Yes.\n',
    );
  });

  test('subtitles name the voices, and overlap', () => {
    expect(formatTranscript(record(), 'vtt')).toBe(
      'WEBVTT\n\n00:00:01.000 --> 00:00:05.000\n<v Anna>And so &lt;we&gt; ask.\n\n' +
        '00:00:02.000 --> 00:00:03.000\n<v Ben>Yes.\n\n',
    );
  });

  test('json has everything', () => {
    expect(JSON.parse(formatTranscript(record(), 'json'))).toMatchObject({
      meeting: 'https://meet.example/Board',
      started_at: '2026-11-23T09:00:00.000Z',
      duration_ms: 60_000,
      participants: [
        { name: 'Anna', present: [{ start_ms: 0, end_ms: 60_000 }] },
        { name: 'Ben', present: [{ start_ms: 0, end_ms: 9_000 }] },
      ],
      lines: [
        { speaker: 'Anna', start_ms: 1_000, end_ms: 5_000, overlaps: ['Ben'] },
        { speaker: 'Ben', overlaps: ['Anna'] },
      ],
      lost: [{ speaker: 'Ben', start_ms: 4_000, end_ms: 5_000 }],
    });
  });
});

describe('TranscriptFiles', () => {
  test('are whole, and leave nothing else behind', async () => {
    const folder = temporaryFolder();
    const files = open(join(folder, 'deep', 'minutes'));
    files.touch();
    await Promise.all([files.save(), files.save()]);
    expect(files.paths).toEqual([
      join(folder, 'deep/minutes.json'),
      join(folder, 'deep/minutes.txt'),
    ]);
    expect(readdirSync(join(folder, 'deep')).sort()).toEqual(['minutes.json', 'minutes.txt']);
    expect(readFileSync(join(folder, 'deep/minutes.txt'), 'utf8')).toContain('Ben');
  });

  test('what cannot be written is said', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'minutes.json'));
    await expect(open(join(folder, 'minutes')).save()).rejects.toMatchObject({
      code: 'not_written',
    });
    expect(() => open('/dev/null/minutes')).toThrow(/cannot be written/);
  });

  function open(path: string): TranscriptFiles {
    return new TranscriptFiles({
      path,
      formats: ['json', 'txt'],
      intervalMs: 1,
      record,
      onProblem: () => {},
    });
  }
});

function record(): MeetingRecord {
  const transcript = new MeetingTranscript(10);
  transcript.add('Ben', 0, final('Yes.', 2_000, 3_000));
  transcript.add('Anna', 0, final('And so <we> ask.', 1_000, 5_000));
  transcript.addLost({ speaker: 'Ben', start_ms: 4_000, end_ms: 5_000 });
  return {
    meeting: 'https://meet.example/Board',
    startedAt: Date.UTC(2026, 10, 23, 9),
    durationMs: 60_000,
    presences: new Map([
      ['Anna', [{ fromMs: 0, toMs: null }]],
      ['Ben', [{ fromMs: 0, toMs: 9_000 }]],
    ]),
    lines: transcript.lines,
    lost: transcript.lost,
  };
}

function final(text: string, start_ms: number, end_ms: number, words: string[] = []): Final {
  return {
    type: 'final',
    session_id: 's',
    seq: 1,
    utterance_id: 'u',
    start_ms,
    end_ms,
    text,
    language: 'en',
    confidence: 1,
    rung: 'full',
    ...(words.length > 0 && {
      words: words.map((word, index) => ({
        word,
        start_ms: start_ms + index * 100,
        end_ms: start_ms + index * 100 + 50,
        probability: 1,
      })),
    }),
  };
}
