import { WebSocket } from 'ws';
import { authorization } from './open-gateway.mjs';
import { playInRealTime } from './recording.mjs';

/** The gateway did not do as asked; the message says what it answered. */
export class RefusedError extends Error {}

/**
 * Streams a recording in real time through the gateway's own protocol and shows its captions.
 * @param {{ url: string, apiKey?: string, language: string }} gateway
 * @param {{ file: string, bytes: number, durationMs: number }} recording
 * @param {import('./caption-screen.mjs').CaptionScreen} captions
 * @param {AbortSignal} signal Stops sending; what was heard until then is still transcribed.
 * @returns {Promise<{ finals: { words: number, delayMs: number }[], ledger: object }>}
 * @throws RefusedError
 */
export async function streamRecording(gateway, recording, captions, signal) {
  const address = `${gateway.url.replace(/^http/, 'ws')}/v1/stream`;
  const socket = new WebSocket(address, { headers: authorization(gateway.apiKey) });
  const finals = [];
  let beginsAt = 0;

  const result = new Promise((resolve, reject) => {
    let failure = null;
    let ledger = null;
    const on = {
      transcription_started({ model, device }) {
        captions.note(`Listening with ${model} on ${device}.`);
      },
      partial: (event) => captions.partial(event),
      final(event) {
        const delayMs = performance.now() - beginsAt - event.end_ms;
        if (event.text) finals.push({ words: countWords(event), delayMs });
        captions.final(event);
      },
      warning: ({ message }) => captions.note(`Warning: ${message}`),
      transcription_failed({ code, message, fatal }) {
        if (fatal) failure = new RefusedError(`${message} (${code})`);
        else captions.note(`Refused: ${message} (${code})`);
      },
      transcription_stopped(event) {
        ledger = event.ledger;
      },
    };
    socket.on('message', (data) => {
      const event = JSON.parse(data.toString());
      on[event.type]?.(event);
    });
    socket.on('error', (error) => {
      failure ??= new RefusedError(`No connection to ${address}: ${error.message || error.code}`);
    });
    socket.on('close', (code) => {
      if (ledger && !failure) resolve({ finals, ledger });
      else reject(failure ?? new RefusedError(`The gateway closed the connection (${code}).`));
    });
  });

  socket.on('open', async () => {
    send(socket, { type: 'start_transcription', language: gateway.language });
    beginsAt = performance.now();
    for await (const piece of playInRealTime(recording, signal)) {
      if (!(await sendBytes(socket, piece))) return;
    }
    send(socket, { type: 'stop_transcription' });
  });
  return result;
}

function send(socket, message) {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

/** Resolves when the bytes were handed to the network, so that a slow one slows us down. */
function sendBytes(socket, bytes) {
  if (socket.readyState !== WebSocket.OPEN) return false;
  return new Promise((resolve) => socket.send(bytes, (error) => resolve(!error)));
}

/** Languages without spaces are counted by the words that the gateway found. */
function countWords({ words, text }) {
  return words?.length ?? text.split(/\s+/).length;
}
