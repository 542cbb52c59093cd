import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { words } from '../measure/tokens.mjs';
import { readAlignments } from './alignments.mjs';
import { noise, random } from './random.mjs';
import { decode, readManifest, sampleRate, sharedAudio } from './shared-audio.mjs';

/**
 * Audio to be streamed, with all that is known about what is said in it. Times from its first sample.
 * @typedef {object} Stream
 * @property {string} name
 * @property {string} language ISO 639-1 code.
 * @property {Int16Array} pcm 16 kHz mono.
 * @property {{ name: string, startMs: number, endMs: number }[]} utterances
 * @property {import('../measure/follow-words.mjs').SpokenWord[]} words
 */

/** Quiet before the first word, so that every system starts in silence as with a microphone. */
const leadInMs = 500;
/** Quiet after the last one, so that a system can notice that it ended. */
const leadOutMs = 2_000;
/** Pauses as people make them between sentences. */
const pauseMs = { from: 800, to: 1_200 };
/** Largest sample of the noise in pauses: −70 dBFS, a quiet room. */
const roomNoise = 10;

const englishVoices = ['LJ', '1688', '3005', '1998', '3080', '3331'];
const chineseVoices = ['S0150'];

/** Recordings with a reference and an alignment, decoded once. */
export class Library {
  #manifest = readManifest();
  #alignments = readAlignments();
  #decoded = new Map();

  /**
   * A stream of one voice: its utterances with pauses, up to about `seconds`.
   * @param {'en' | 'zh'} language
   * @param {number} index Streams of the same index are the same; others have another voice or, where
   *   voices run out, other utterances.
   * @param {number} seconds
   * @returns {Promise<Stream>}
   */
  async ofOneVoice(language, index, seconds) {
    const voices = language === 'zh' ? chineseVoices : englishVoices;
    const voice = voices[index % voices.length];
    const names = this.#namesOf(voice);
    const round = Math.floor(index / voices.length);
    const next = random(index + 1);
    const builder = new Builder(`${language}-${index}-${voice}`, language);
    builder.silence(leadInMs);
    // A later round of the same voice begins elsewhere.
    for (let step = 0; step < names.length; step += 1) {
      const name = names[(step + round * 7) % names.length];
      const { seconds: length } = this.#manifest.get(name);
      if (step > 0 && builder.seconds + length > seconds) break;
      if (step > 0) builder.silence(pauseMs.from + next() * (pauseMs.to - pauseMs.from));
      builder.utterance(name, await this.decode(name), this.#wordsOf(name));
    }
    builder.silence(leadOutMs);
    return builder.stream();
  }

  /**
   * One of the long recordings, which come with the times of their utterances.
   * @param {'long-en-dev' | 'long-zh-dev'} name
   * @param {number} [seconds] Where to cut it, at the end of an utterance.
   * @returns {Promise<Stream>}
   */
  async long(name, seconds = Number.POSITIVE_INFINITY) {
    const file = join(sharedAudio, 'long', `${name}.segments.json`);
    const segments = JSON.parse(readFileSync(file, 'utf8')).filter(({ end }) => end <= seconds);
    const pcm = await this.decode(name);
    const builder = new Builder(name, name.includes('-zh-') ? 'zh' : 'en');
    for (const { id, start, end } of segments) {
      builder.append(pcm.subarray(builder.samples, Math.round(start * sampleRate)));
      const to = Math.round(end * sampleRate);
      builder.utterance(id, pcm.subarray(builder.samples, to), this.#wordsOf(id));
    }
    builder.silence(leadOutMs);
    return builder.stream();
  }

  /**
   * A recording without speech.
   * @param {string} name `white-noise` is generated.
   * @param {number} seconds
   * @returns {Promise<Stream>}
   */
  async withoutSpeech(name, seconds) {
    const builder = new Builder(name, 'en');
    // −40 dBFS: a loud fan.
    const pcm =
      name === 'white-noise' ? noise(seconds * sampleRate, 328, 7) : await this.decode(name);
    // What is shorter is heard again and again.
    for (let left = seconds * sampleRate; left > 0; left -= pcm.length) {
      builder.append(pcm.subarray(0, left));
    }
    builder.silence(leadOutMs);
    return builder.stream();
  }

  /** @param {string} name @returns {Promise<Int16Array>} */
  decode(name) {
    if (!this.#decoded.has(name)) this.#decoded.set(name, decode(this.#manifest.get(name).file));
    return this.#decoded.get(name);
  }

  #namesOf(voice) {
    return [...this.#manifest]
      .filter(([name, { speaker }]) => speaker === voice && this.#alignments.has(name))
      .map(([name]) => name);
  }

  /** Words with times; without an alignment times are null. */
  #wordsOf(name) {
    const aligned = this.#alignments.get(name);
    if (aligned) return aligned;
    return words(this.#manifest.get(name).text).map((token) => ({
      token,
      startMs: null,
      endMs: null,
    }));
  }
}

/** Joins pieces of audio and keeps the times of what is said in them. */
class Builder {
  samples = 0;
  #name;
  #language;
  #pieces = [];
  #utterances = [];
  #words = [];

  constructor(name, language) {
    this.#name = name;
    this.#language = language;
  }

  get seconds() {
    return this.samples / sampleRate;
  }

  append(pcm) {
    this.#pieces.push(pcm);
    this.samples += pcm.length;
  }

  silence(durationMs) {
    const samples = Math.round((durationMs / 1000) * sampleRate);
    this.append(noise(samples, roomNoise, this.samples));
  }

  utterance(name, pcm, spoken) {
    const beginMs = this.seconds * 1000;
    this.append(pcm);
    const endMs = this.seconds * 1000;
    const utterance = this.#utterances.push({ name, startMs: beginMs, endMs }) - 1;
    for (const [index, { token, startMs, endMs: wordEndMs }] of spoken.entries()) {
      // Where nothing is known, evenly over the utterance: good enough to keep the order.
      const guess = (share) => beginMs + (endMs - beginMs) * (share / spoken.length);
      this.#words.push({
        token,
        startMs: startMs === null ? guess(index) : beginMs + startMs,
        endMs: wordEndMs === null ? guess(index + 1) : beginMs + wordEndMs,
        timed: startMs !== null,
        utterance,
      });
    }
  }

  stream() {
    const pcm = new Int16Array(this.samples);
    let at = 0;
    for (const piece of this.#pieces) {
      pcm.set(piece, at);
      at += piece.length;
    }
    return {
      name: this.#name,
      language: this.#language,
      pcm,
      utterances: this.#utterances,
      words: this.#words,
    };
  }
}
