/** What microphone clients usually send at once. */
const frameMs = 100;

/**
 * What came of one stream. Times in milliseconds on the stream's audio clock: at 0 the first sample was
 * spoken, and the sample of second s is at s seconds of real time.
 * @typedef {object} Played
 * @property {import('../measure/displays.mjs').Display[]} displays
 * @property {{ atMs: number, lagMs: number }[]} lags
 * @property {string[]} problems
 * @property {string[]} notes
 * @property {number} latestSendMs The most that we sent a frame after its time.
 * @property {number} endedMs When all text had come.
 */

/**
 * Streams audio as a microphone would: each frame when its last sample has been spoken. Frames that are
 * late are sent at once, so that the clock never drifts.
 * @param {import('../systems/caption-socket.mjs').LiveStream} live
 * @param {Int16Array} pcm 16 kHz mono.
 * @param {AbortSignal} [signal] Ends the stream early.
 * @returns {Promise<Played>}
 */
export async function playStream(live, pcm, signal) {
  const samples = frameMs * 16;
  const begin = performance.now();
  let latestSendMs = 0;
  for (let from = 0; from < pcm.length && !signal?.aborted; from += samples) {
    const frame = pcm.subarray(from, from + samples);
    const due = begin + (from + frame.length) / 16;
    const early = due - performance.now();
    if (early > 0) await wait(early);
    latestSendMs = Math.max(latestSendMs, performance.now() - due);
    live.send(frame);
  }
  await live.finish();
  live.close();
  return {
    displays: live.displays.map(({ at, spans }) => ({ atMs: at - begin, spans })),
    lags: live.lags.map(({ at, lagMs }) => ({ atMs: at - begin, lagMs })),
    problems: live.problems,
    notes: live.notes,
    latestSendMs,
    endedMs: performance.now() - begin,
  };
}

function wait(durationMs) {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
