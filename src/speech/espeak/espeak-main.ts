import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import createEspeak from '@echogarden/espeak-ng-emscripten';
import type { EspeakCall, FromEspeak, ToEspeak } from './messages.js';

// Entry of the thread that speaks with eSpeak NG: a sentence takes tens of milliseconds, in which the
// event loop of the gateway must not stand still.

/** Where the package keeps its data, in a file system of its own. */
const dataFolder = '/usr/share/espeak-ng-data';

const espeak = await createEspeak();
const synthesizer = new espeak.eSpeakNGWorker();

parentPort?.on('message', ({ id, call }: ToEspeak) => {
  try {
    const samples = answer(call);
    send({ kind: 'done', id, samples }, [samples.buffer]);
  } catch (error) {
    send({ kind: 'failed', id, reason: String(error) });
  }
});

send({
  kind: 'ready',
  sampleRate: synthesizer.get_samplerate(),
  languages: synthesizer.list_voices().map(({ name, identifier, languages }) => ({
    identifier,
    name: name.trim(),
    tags: [...languages].sort((a, b) => a.priority - b.priority).map((it) => it.name.toLowerCase()),
  })),
});

function answer(call: EspeakCall): Int16Array<ArrayBuffer> {
  if (call.kind === 'say') return say(call);
  exportFolder(dataFolder, call.folder);
  return new Int16Array(0);
}

function say({ text, voice, wordsPerMinute }: EspeakCall & { kind: 'say' }) {
  synthesizer.set_voice(voice);
  synthesizer.set_rate(wordsPerMinute);
  const pieces: Int16Array[] = [];
  synthesizer.synthesize(plain(text), (samples) => {
    pieces.push(samples);
    return false;
  });
  const all = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** eSpeak NG takes angle brackets for markup and double square brackets for phonemes. */
function plain(text: string): string {
  return text.replaceAll(/[<>]/g, ' ').replaceAll('[[', '[ [');
}

function exportFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of espeak.FS.readdir(from)) {
    if (name === '.' || name === '..') continue;
    const path = `${from}/${name}`;
    if (espeak.FS.isDir(espeak.FS.stat(path).mode)) exportFolder(path, join(to, name));
    else writeFileSync(join(to, name), espeak.FS.readFile(path));
  }
}

function send(message: FromEspeak, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}
