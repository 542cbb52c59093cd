import { fileURLToPath } from 'node:url';
import { CaptionSocket } from './caption-socket.mjs';
import { startServer } from './child-server.mjs';

const entry = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const startTimeoutMs = 30_000;
const drainTimeoutMs = 120_000;

/** This gateway, compiled, with the settings of the environment. */
export const ours = {
  name: 'ours',
  label: 'Whisper Gateway',
  model: 'base, q8_0 (whisper.cpp)',
  warmUp: false,

  async start() {
    const server = await startServer(process.execPath, [entry], {
      env: { PORT: '0', LOG_LEVEL: 'warn', MAX_CONNECTIONS: '200' },
      isReady: (output) => urlIn(output) !== null,
    });
    const url = urlIn(server.output());
    const stream = `${url.replace(/^http/, 'ws')}/v1/stream`;
    return { ...server, url, open: (language, options) => open(stream, language, options) };
  },
};

/** @param {string} output */
function urlIn(output) {
  return /listens at (http:\S+)/.exec(output)?.[1] ?? null;
}

/** @returns {Promise<import('./caption-socket.mjs').LiveStream>} */
async function open(url, language, { stableFinals = true } = {}) {
  const utterances = new Utterances({ stableFinals });
  let started;
  const ready = new Promise((resolve, reject) => {
    started = { resolve, reject };
  });
  ready.catch(() => {});
  const captions = await CaptionSocket.open(url, function onEvent(event, at) {
    if (event.type === 'transcription_started') started.resolve();
    if (event.type === 'progress') this.lags.push({ at, lagMs: event.lag_ms });
    if (event.type === 'warning') this.notes.push(`${event.code}: ${event.message}`);
    if (event.type === 'transcription_failed') {
      this.problems.push(`${event.code}: ${event.message}`);
      started.reject(new Error(event.message));
    }
    if (event.type === 'transcription_stopped' && event.ledger.shed_ms > 0) {
      this.problems.push(`${event.ledger.shed_ms} ms of audio were shed`);
    }
    const broken = utterances.take(event);
    if (broken) this.problems.push(broken);
    if (event.type === 'partial' || event.type === 'final') this.show(at, utterances.spans());
  });
  captions.sendJson({
    type: 'start_transcription',
    language,
    stable_finals: stableFinals,
    audio: { format: 'pcm_s16le', sample_rate: 16_000, channels: 1 },
  });
  const late = setTimeout(() => started.reject(new Error('no session')), startTimeoutMs);
  await ready.finally(() => clearTimeout(late));
  return {
    ...captions.stream(),
    async finish() {
      captions.sendJson({ type: 'stop_transcription' });
      await captions.closed(drainTimeoutMs);
    },
  };
}

/** The session's text as its utterances make it, in the order of their audio. */
export class Utterances {
  #byId = new Map();
  #stableFinals;

  /** @param {{ stableFinals: boolean }} [options] Whether finals have to begin with what was committed. */
  constructor({ stableFinals } = { stableFinals: true }) {
    this.#stableFinals = stableFinals;
  }

  /**
   * @param {any} event
   * @returns {string | null} What is wrong with it: committed text that did not stay.
   */
  take(event) {
    if (event.type !== 'partial' && event.type !== 'final') return null;
    const before = this.#byId.get(event.utterance_id);
    const stays = event.type === 'final' ? event.text : event.committed;
    this.#byId.set(event.utterance_id, event);
    if (!before) return null;
    if (before.type === 'final') return `utterance ${event.utterance_id} went on after its final`;
    const mayRevise = event.type === 'final' && !this.#stableFinals;
    if (mayRevise || stays.startsWith(before.committed)) return null;
    return `committed text of ${event.utterance_id} changed from "${before.committed}" to "${stays}"`;
  }

  /** @returns {import('../measure/displays.mjs').Span[]} */
  spans() {
    const ordered = [...this.#byId.values()].sort((a, b) => a.start_ms - b.start_ms);
    return ordered.flatMap((event) =>
      event.type === 'final'
        ? [{ text: `${event.text} `, state: 'final' }]
        : [
            { text: event.committed, state: 'committed' },
            { text: `${event.tentative} `, state: 'tentative' },
          ],
    );
  }
}
