import { setTimeout as wait } from 'node:timers/promises';

/**
 * Clients that each have a short recording transcribed, again and again; one that is refused comes back when it
 * was told to.
 * @param {string} url Of a gateway.
 * @param {object} options
 * @param {number} options.clients
 * @param {Int16Array} options.pcm 16 kHz mono.
 * @returns {{ stop: () => Promise<{ clients: number, answered: number, refused: number, failed: number }> }}
 *   `failed` counts what was neither answered nor refused with a time to come back.
 */
export function startCrowd(url, { clients, pcm }) {
  const stopped = new AbortController();
  const counts = { clients, answered: 0, refused: 0, failed: 0 };
  const wav = new File([wavHeader(pcm), pcm], 'clip.wav');
  const everybody = Array.from({ length: clients }, async () => {
    while (!stopped.signal.aborted) await ask();
  });

  async function ask() {
    const body = new FormData();
    body.set('file', wav);
    body.set('model', 'whisper-1');
    body.set('language', 'en');
    const { signal } = stopped;
    try {
      const answer = await fetch(`${url}/v1/audio/transcriptions`, {
        method: 'POST',
        body,
        signal,
      });
      await answer.arrayBuffer();
      const seconds = Number(answer.headers.get('retry-after'));
      if (answer.status === 200) counts.answered += 1;
      else if (answer.status === 429 && seconds > 0) {
        counts.refused += 1;
        await wait(seconds * 1_000, undefined, { signal });
      } else counts.failed += 1;
    } catch {
      if (!signal.aborted) counts.failed += 1;
    }
  }

  return {
    async stop() {
      stopped.abort();
      await Promise.all(everybody);
      return counts;
    },
  };
}

/** @param {Int16Array} pcm */
function wavHeader(pcm) {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + pcm.byteLength, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(16_000, 24);
  header.writeUInt32LE(32_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(pcm.byteLength, 40);
  return header;
}
