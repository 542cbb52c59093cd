import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { competitor } from '../competitors/install.mjs';
import { CaptionSocket } from './caption-socket.mjs';
import { freePort, startServer } from './child-server.mjs';

const script = fileURLToPath(new URL('../competitors/whisper_live_server.py', import.meta.url));
/** Its own client waits so long for more text before it says that the audio is over. */
const quietMs = 15_000;
const drainTimeoutMs = 120_000;

/** https://github.com/collabora/WhisperLive */
export const whisperLive = {
  name: 'whisperlive',
  label: 'WhisperLive 0.10.0',
  model: 'base, int8 (CTranslate2)',
  // It loads the model when the first client comes.
  warmUp: true,

  async start() {
    const { python, models } = await competitor('whisper-live');
    const port = await freePort();
    const server = await startServer(python, [script, String(port), `${models}/ctranslate2`], {
      env: {
        HF_HUB_OFFLINE: '1',
        // One transcription runs at a time; its own default of one thread would leave cores idle.
        OMP_NUM_THREADS: String(availableParallelism()),
      },
      isReady: (output) => output.includes('server listening'),
    });
    return { ...server, open: (language) => open(`ws://127.0.0.1:${port}`, language) };
  },
};

/** @returns {Promise<import('./caption-socket.mjs').LiveStream>} */
async function open(url, language) {
  const segments = new Segments();
  let lastAt = performance.now();
  let started;
  const ready = new Promise((resolve, reject) => {
    started = { resolve, reject };
  });
  const captions = await CaptionSocket.open(url, function onMessage(message, at) {
    if (message.message === 'SERVER_READY') started.resolve();
    if (message.status === 'WARNING') this.notes.push(message.message);
    else if (message.status) {
      this.problems.push(`${message.status}: ${message.message}`);
      started.reject(new Error(this.problems.at(-1)));
    }
    if (!message.segments) return;
    lastAt = at;
    segments.take(message.segments);
    this.show(at, segments.spans());
  });
  captions.sendJson({
    uid: randomUUID(),
    language,
    task: 'transcribe',
    model: 'base',
    use_vad: true,
    send_last_n_segments: 10,
    no_speech_thresh: 0.45,
    clip_audio: false,
    same_output_threshold: 10,
    audio_format: 'int16',
  });
  await ready;
  return {
    ...captions.stream(),
    async finish() {
      const endedAt = performance.now();
      while (captions.isOpen && performance.now() - Math.max(lastAt, endedAt) < quietMs) {
        if (performance.now() - endedAt > drainTimeoutMs) {
          captions.problems.push('went on after the end of the audio');
          break;
        }
        await wait(200);
      }
      captions.sendBytes(Buffer.from('END_OF_AUDIO'));
      await captions.closed(drainTimeoutMs);
    },
  };
}

/** Only the last segments come with each message; completed ones stay on the viewer's screen. */
export class Segments {
  #completed = new Map();
  #open = '';

  /** @param {{ start: string, end: string, text: string, completed: boolean }[]} segments */
  take(segments) {
    this.#open = '';
    for (const { start, end, text, completed } of segments) {
      if (completed) this.#completed.set(`${start} ${end} ${text}`, text);
      else this.#open = text;
    }
  }

  /** @returns {import('../measure/displays.mjs').Span[]} A completed segment never changes. */
  spans() {
    return [
      ...[...this.#completed.values()].map((text) => ({ text: `${text} `, state: 'final' })),
      { text: this.#open, state: 'tentative' },
    ];
  }
}
