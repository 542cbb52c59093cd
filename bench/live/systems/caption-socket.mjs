import { once } from 'node:events';
import { WebSocket } from 'ws';

/**
 * A live stream to a system: takes audio, and keeps what a viewer would see and when.
 * @typedef {object} LiveStream
 * @property {(pcm: Int16Array) => void} send 16 kHz mono.
 * @property {() => Promise<void>} finish Says that the audio is over, and resolves when all text came.
 * @property {{ at: number, spans: import('../measure/displays.mjs').Span[] }[]} displays In real time
 *   (`performance.now()`); only those that differ from the one before.
 * @property {{ at: number, lagMs: number }[]} lags What the system itself says about its lag.
 * @property {string[]} problems What makes its results worthless: audio left out, promises broken.
 * @property {string[]} notes What it warned about.
 * @property {() => void} close
 */

/** A WebSocket whose messages are turned into displays by an adapter. */
export class CaptionSocket {
  displays = [];
  lags = [];
  problems = [];
  notes = [];
  socket;
  #last = '[]';

  /**
   * @param {string} url
   * @param {(message: any, at: number) => void} onMessage Gets every JSON message.
   * @returns {Promise<CaptionSocket>} Open.
   */
  static async open(url, onMessage) {
    const captions = new CaptionSocket();
    captions.socket = new WebSocket(url, { perMessageDeflate: false });
    captions.socket.on('message', (data, isBinary) => {
      const at = performance.now();
      if (!isBinary) onMessage.call(captions, JSON.parse(data.toString()), at);
    });
    await once(captions.socket, 'open');
    captions.socket.on('error', (error) => captions.problems.push(error.message));
    return captions;
  }

  /** Keeps what is seen from `at` on, if that changed. */
  show(at, spans) {
    const visible = spans.filter(({ text }) => text !== '');
    const key = JSON.stringify(visible);
    if (key === this.#last) return;
    this.#last = key;
    this.displays.push({ at, spans: visible });
  }

  sendJson(message) {
    if (this.isOpen) this.socket.send(JSON.stringify(message));
  }

  sendBytes(bytes) {
    if (this.isOpen) this.socket.send(bytes);
  }

  get isOpen() {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** The part of a `LiveStream` that is the same for every protocol. */
  stream() {
    const { displays, lags, problems, notes, socket } = this;
    return {
      ...{ displays, lags, problems, notes },
      send: (pcm) => this.sendBytes(Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength)),
      close: () => socket.terminate(),
    };
  }

  /** Resolves when the other side closed, or after `timeoutMs`, which is then a problem. */
  async closed(timeoutMs) {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    try {
      await once(this.socket, 'close', { signal: AbortSignal.timeout(timeoutMs) });
    } catch {
      this.problems.push(`did not close within ${timeoutMs / 1000} s`);
      this.socket.terminate();
    }
  }
}
