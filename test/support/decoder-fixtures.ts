import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import installer from '@ffmpeg-installer/ffmpeg';
import { afterAll } from 'vitest';
import { type AudioFormat, createDecoderFactory, findFfmpeg } from '../../src/audio/index.js';
import { jfkPath } from './jfk.js';

type DecoderOptions = Parameters<typeof createDecoderFactory>[0];

/** Every ffmpeg at hand: the one from npm, and the system's where there is one. */
export const ffmpegs = (
  await Promise.all([findFfmpeg(installer.path), findFfmpeg('ffmpeg').catch(() => null)])
).filter((found) => found !== null);

/** The one that a gateway takes on this machine. */
export const newestFfmpeg = await findFfmpeg();

/** How to encode the clip, by a file name that says what comes out. */
const encodings = {
  'voice.webm': ['-c:a', 'libopus', '-b:a', '24k', '-cluster_time_limit', '100'],
  'voice.ogg': ['-c:a', 'libopus', '-b:a', '24k', '-page_duration', '20000'],
  'vorbis.ogg': ['-c:a', 'libvorbis'],
  'stereo.flac': ['-ar', '44100', '-ac', '2'],
  'stereo.mp3': ['-ar', '44100', '-ac', '2', '-b:a', '96k'],
  'adts.aac': ['-ar', '48000'],
  'stream.ts': ['-ar', '48000', '-c:a', 'aac'],
  'index-last.m4a': ['-ar', '48000'],
  'index-first.m4a': ['-ar', '48000', '-movflags', 'faststart'],
  'fragments.mp4': [
    '-ar',
    '48000',
    '-movflags',
    'frag_keyframe+empty_moov',
    '-frag_duration',
    '200k',
  ],
  '16k.wav': ['-c:a', 'pcm_s16le'],
  '24bit-stereo.wav': ['-ar', '48000', '-ac', '2', '-c:a', 'pcm_s24le'],
  'float.wav': ['-c:a', 'pcm_f32le'],
  'mulaw.wav': ['-ar', '8000', '-c:a', 'pcm_mulaw'],
  '48k.s16': ['-f', 's16le', '-ar', '48000'],
  '8k.mulaw': ['-f', 'mulaw', '-ar', '8000'],
  'voice.aiff': [],
  'voice.wma': ['-ar', '44100', '-c:a', 'wmav2'],
} as const;

export type FixtureName = keyof typeof encodings;
export const fixtureNames = Object.keys(encodings) as FixtureName[];

const folder = mkdtempSync(join(tmpdir(), 'decoder-fixtures-'));
afterAll(() => rm(folder, { recursive: true }));

/** Path of 3 s of the public-domain clip in this encoding; made on first use. */
export function fixturePath(name: FixtureName): string {
  const path = join(folder, name);
  if (!existsSync(path)) {
    execFileSync(installer.path, [
      '-v',
      'error',
      '-t',
      '3',
      '-i',
      jfkPath,
      ...encodings[name],
      path,
    ]);
  }
  return path;
}

export function fixture(name: FixtureName): Buffer {
  return readFileSync(fixturePath(name));
}

/** A factory with the limits of a small gateway. */
export function factory(options: Partial<DecoderOptions> = {}) {
  const log = { debug() {}, warn() {} };
  const create = createDecoderFactory({
    ffmpeg: newestFfmpeg,
    maxCollectedBytes: 1_000_000,
    decoderStallMs: 10_000,
    minChunkBytes: 0,
    log,
    ...options,
  });
  return (format: string | AudioFormat = 'auto', signal = new AbortController().signal) =>
    create(typeof format === 'string' ? { format } : format, signal);
}
