import { GatewayError } from '../errors/index.js';
import type { AudioFormat } from './decoder.js';
import { sampleRate as outputRate } from './pcm.js';

/** What a decoder is opened for. */
export type DecoderInput =
  /** 16 kHz mono s16le: nothing has to be done. */
  { readonly kind: 'samples' } | FfmpegInput;

export type FfmpegInput =
  /** A container, for this demuxer of ffmpeg. Without one ffmpeg finds out, from 2048 bytes or more. */
  | { readonly kind: 'container'; readonly demuxer: string | undefined }
  /** Samples, for this demuxer of ffmpeg, which cannot know rate and channels by itself. */
  | RawInput
  /** An MP4 in the file that is open as descriptor 3 of the child. */
  | { readonly kind: 'mp4-file' }
  /** Any container in that file; one of its channels (0, 1 …), or all of them mixed. */
  | { readonly kind: 'file'; readonly channel: number | null };

interface RawInput {
  readonly kind: 'raw';
  readonly demuxer: string;
  readonly sampleRate: number;
  readonly channels: number;
}

const rawDemuxers = new Map([
  ['pcm_s16le', 's16le'],
  ['pcm_f32le', 'f32le'],
  ['mulaw', 'mulaw'],
  ['alaw', 'alaw'],
]);

/** Containers whose first bytes decide more than the demuxer. */
const sniffed = new Set(['auto', 'wav', 'wave', 'mp4', 'm4a', 'm4b', 'mov', '3gp']);

const containerDemuxers = new Map([
  ['webm', 'matroska'],
  ['weba', 'matroska'],
  ['mkv', 'matroska'],
  ['mka', 'matroska'],
  ['ogg', 'ogg'],
  ['oga', 'ogg'],
  ['opus', 'ogg'],
  ['spx', 'ogg'],
  ['flac', 'flac'],
  ['mp3', 'mp3'],
  ['mp2', 'mp3'],
  ['aac', 'aac'],
  ['adts', 'aac'],
  ['ac3', 'ac3'],
  ['eac3', 'eac3'],
  ['amr', 'amr'],
  ['aiff', 'aiff'],
  ['aif', 'aiff'],
  ['au', 'au'],
  ['caf', 'caf'],
  ['w64', 'w64'],
  ['wv', 'wv'],
  ['tta', 'tta'],
  ['asf', 'asf'],
  ['wma', 'asf'],
  ['flv', 'flv'],
  ['mpegts', 'mpegts'],
  ['ts', 'mpegts'],
]);

/** Every name a client may give as `audio.format`. */
const formatNames: readonly string[] = [
  ...sniffed,
  ...rawDemuxers.keys(),
  ...containerDemuxers.keys(),
];

/**
 * What a client's description asks for; undefined where the first bytes have to decide.
 * @throws GatewayError `bad_field` for an unknown name, rate (4000 … 192000) or channels (1 … 8).
 */
export function parseInputFormat(audio: AudioFormat): DecoderInput | undefined {
  const name = audio.format.toLowerCase();
  if (sniffed.has(name)) return undefined;
  const container = containerDemuxers.get(name);
  if (container) return { kind: 'container', demuxer: container };
  const raw = rawDemuxers.get(name);
  if (!raw) throw badField(`audio.format has to be one of ${formatNames.join(', ')}.`);
  const { sampleRate = outputRate, channels = 1 } = audio;
  if (!isSampleRate(sampleRate)) {
    throw badField('audio.sample_rate has to be a whole number from 4000 to 192000.');
  }
  if (!isChannelCount(channels)) {
    throw badField('audio.channels has to be a whole number from 1 to 8.');
  }
  return rawInput(raw, sampleRate, channels);
}

/** Input of raw samples; ffmpeg is left out where they are what it would give. */
export function rawInput(demuxer: string, sampleRate: number, channels: number): DecoderInput {
  return demuxer === 's16le' && sampleRate === outputRate && channels === 1
    ? { kind: 'samples' }
    : { kind: 'raw', demuxer, sampleRate, channels };
}

export function isSampleRate(value: number): boolean {
  return Number.isInteger(value) && value >= 4_000 && value <= 192_000;
}

export function isChannelCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 8;
}

function badField(message: string): GatewayError {
  return new GatewayError('bad_field', { message });
}
