import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Chunker, type ChunkerEvent, frameSamples } from '../../../src/audio/index.js';

const options = {
  speechThreshold: 0.5,
  endpointMs: 320,
  preRollMs: 64,
  minSpeechMs: 96,
  partialIntervalMs: 320,
  maxWindowMs: 4_000,
};

/** One character a frame of 32 ms: `x` is speech, `~` is between the thresholds, `.` is silence. */
function play(pattern: string, piece = pattern.length, chunker = new Chunker(options)) {
  const events: ChunkerEvent[] = [];
  for (let start = 0; start < pattern.length; start += piece) {
    const frames = [...pattern.slice(start, start + piece)];
    const pcm = new Int16Array(frames.length * frameSamples).fill(start + 1);
    const probabilities = frames.map((frame) => (frame === 'x' ? 0.9 : frame === '~' ? 0.4 : 0.1));
    events.push(...chunker.write(pcm, Float32Array.from(probabilities)));
  }
  events.push(...chunker.flush());
  return events;
}

/** Events with their positions in frames. */
function inFrames(events: readonly ChunkerEvent[]): string[] {
  const frame = (samples: number) => Number((samples / frameSamples).toFixed(1));
  return events.map((event) => {
    if ('at' in event) return `${event.kind} ${frame(event.at)}`;
    const span = 'window' in event ? event.window : event;
    const cause = event.kind === 'final' ? ` ${event.cause}` : '';
    const guess = event.kind === 'partial' && event.speculative ? ' speculative' : '';
    return `${event.kind} ${frame(span.start)}-${frame(span.end)}${cause}${guess}`;
  });
}

describe('Chunker', () => {
  test('silence gives no windows', () => {
    expect(inFrames(play('.'.repeat(100))).every((event) => event.startsWith('silence'))).toBe(
      true,
    );
  });

  test('a click shorter than the shortest speech is silence', () => {
    expect(play('....xx........').some(({ kind }) => kind === 'speech_started')).toBe(false);
  });

  test('an utterance begins with its pre-roll and ends shortly after its last speech', () => {
    expect(inFrames(play(`....${'x'.repeat(8)}${'.'.repeat(14)}`))).toEqual([
      'silence 0-2',
      'speech_started 4',
      'partial 2-18.3 speculative',
      'speech_ended 12',
      'final 2-18.3 endpoint',
      'silence 18.3-26',
    ]);
  });

  test('partial windows come every interval and grow from the same start', () => {
    const partials = play(`..${'x'.repeat(40)}`).filter(({ kind }) => kind === 'partial');
    expect(inFrames(partials)).toEqual(['partial 0-18', 'partial 0-28', 'partial 0-38']);
  });

  test('the guess at the final window is that window, should nothing more be said', () => {
    const events = play(`..${'x'.repeat(9)}${'.'.repeat(14)}`);
    const guess = events.find((event) => event.kind === 'partial' && event.speculative);
    const final = events.find((event) => event.kind === 'final');
    expect(guess).toMatchObject({ window: { start: final?.window.start, end: final?.window.end } });
  });

  test('the longer an utterance is, the shorter the pause that ends it', () => {
    const patient = new Chunker({ ...options, endpointMs: 640, maxWindowMs: 28_000 });
    const pause = '.'.repeat(10);
    const short = play(`${'x'.repeat(100)}${pause}xxxx`, 10, patient);
    expect(short.filter(({ kind }) => kind === 'final')).toHaveLength(1);
    const impatient = new Chunker({ ...options, endpointMs: 640, maxWindowMs: 28_000 });
    const long = play(`${'x'.repeat(560)}${pause}xxxx`, 10, impatient);
    expect(long.filter(({ kind }) => kind === 'final')).toHaveLength(2);
  });

  test('a pause shorter than the endpoint does not end an utterance', () => {
    const events = play(`xxxx${'.'.repeat(9)}xxxx${'.'.repeat(12)}`);
    expect(events.filter(({ kind }) => kind === 'final')).toHaveLength(1);
  });

  test('frames between the thresholds keep an utterance open but do not start one', () => {
    expect(play('~'.repeat(50)).some(({ kind }) => kind === 'final')).toBe(false);
    const events = play(`xxxx${'~'.repeat(30)}`);
    expect(inFrames(events).at(-1)).toBe('final 0-34 end');
  });

  test('a long utterance is cut at its quietest frame and goes on as the next one', () => {
    const events = play(`${'x'.repeat(110)}.${'x'.repeat(60)}`);
    const finals = events.flatMap((event) => (event.kind === 'final' ? [event] : []));
    expect(finals.map(({ cause }) => cause)).toEqual(['cut', 'end']);
    expect(finals[0]?.window.end).toBe(111 * frameSamples);
    expect(finals[1]?.window).toMatchObject({ utterance: 2, start: 111 * frameSamples });
  });

  test('finalize closes the utterance at once', () => {
    const chunker = new Chunker(options);
    chunker.write(new Int16Array(8 * frameSamples), new Float32Array(8).fill(0.9));
    expect(inFrames(chunker.finalize())).toEqual(['speech_ended 8', 'final 0-8 finalize']);
    expect(chunker.finalize()).toEqual([]);
  });

  test('windows hold the samples of their place, and keep them', () => {
    const chunker = new Chunker(options);
    const pcm = Int16Array.from({ length: 60 * frameSamples }, (_, sample) => sample);
    const events = chunker.write(pcm, new Float32Array(60).fill(0.9));
    const first = events.find((event) => event.kind === 'partial');
    const held = [...(first?.window.pcm ?? [])];
    chunker.write(new Int16Array(200 * frameSamples), new Float32Array(200).fill(0.9));
    expect(held).toEqual([...pcm.subarray(first?.window.start, first?.window.end)]);
    expect([...(first?.window.pcm ?? [])]).toEqual(held);
  });

  const patterns = fc.array(fc.constantFrom('x', 'xxxx', '~', '.', '....', '............'), {
    maxLength: 120,
  });

  test('every sample is in exactly one final window or silence', () => {
    fc.assert(
      fc.property(patterns, (parts) => {
        const pattern = parts.join('');
        let position = 0;
        for (const event of play(pattern)) {
          const span =
            event.kind === 'final' ? event.window : event.kind === 'silence' ? event : null;
          if (!span) continue;
          expect(span.start).toBe(position);
          position = span.end;
        }
        expect(position).toBe(pattern.length * frameSamples);
      }),
    );
  });

  test('the size of the pieces changes nothing', () => {
    fc.assert(
      fc.property(patterns, fc.integer({ min: 1, max: 40 }), (parts, piece) => {
        const pattern = parts.join('');
        expect(inFrames(play(pattern, piece))).toEqual(inFrames(play(pattern)));
      }),
    );
  });
});
