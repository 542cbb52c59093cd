import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { playStream } from '../../../bench/live/client/play-stream.mjs';

describe('playStream', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function scriptedStream() {
    const sent: { at: number; samples: number }[] = [];
    const begin = performance.now();
    return {
      sent,
      displays: [] as { at: number; spans: { text: string; state: 'final' }[] }[],
      lags: [],
      problems: [],
      notes: [],
      send(pcm: Int16Array) {
        sent.push({ at: performance.now() - begin, samples: pcm.length });
        // Half a second later this is seen.
        setTimeout(() => {
          this.displays.push({ at: performance.now(), spans: [{ text: 'a', state: 'final' }] });
        }, 500);
      },
      async finish() {
        await new Promise((resolve) => setTimeout(resolve, 1000));
      },
      close() {},
    };
  }

  it('sends a frame when its last sample has been spoken, and tells times on that clock', async () => {
    const live = scriptedStream();
    const playing = playStream(live, new Int16Array(16 * 250));
    await vi.advanceTimersByTimeAsync(5000);
    const { displays, latestSendMs, endedMs } = await playing;
    expect(live.sent).toEqual([
      { at: 100, samples: 1600 },
      { at: 200, samples: 1600 },
      { at: 250, samples: 800 },
    ]);
    expect(displays.map(({ atMs }) => atMs)).toEqual([600, 700, 750]);
    expect(latestSendMs).toBe(0);
    expect(endedMs).toBe(1250);
  });
});
