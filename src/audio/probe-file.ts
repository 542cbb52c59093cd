import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { GatewayError } from '../errors/index.js';
import { probeArguments } from './ffmpeg-arguments.js';
import type { FfmpegOptions } from './ffmpeg-decoder.js';

/** What a container says about itself. */
export interface ProbedFile {
  /** Null where ffmpeg does not know it. */
  readonly durationMs: number | null;
  readonly channels: number;
}

/** Bytes of either output that are kept. */
const maxOutput = 64 * 1024;
/** A film without sound, or a picture in a container that could hold some. */
const noTrack = /^(\[[^\]]*\] )*Stream map '[^']*' matches no streams/m;
/** ffmpeg writes the format chunk first; the channels lie here (RIFF/WAVE). */
const channelsAt = 22;

/**
 * Looks at the open file `file` with ffmpeg, which is part of every installation; ffprobe is not.
 * @throws GatewayError `not_audio`, `no_audio_track`, `decoder_crashed` or `cancelled`.
 */
export async function probeFile(
  file: number,
  options: FfmpegOptions,
  signal?: AbortSignal,
): Promise<ProbedFile> {
  const { wav, words } = await look(file, options, signal);
  if (noTrack.test(words)) throw new GatewayError('no_audio_track', { cause: words });
  if (wav.length < channelsAt + 2) throw new GatewayError('not_audio', { cause: words });
  return { durationMs: durationIn(words), channels: wav.readUInt16LE(channelsAt) };
}

/** `  Duration: 00:10:13.01, start: …`; metadata that says the same is indented further. */
function durationIn(words: string): number | null {
  const match = /^ {2}Duration: (\d+):(\d+):(\d+)\.(\d\d)/m.exec(words);
  if (!match) return null;
  const [hours, minutes, seconds, hundredths] = match.slice(1).map(Number) as number[];
  return (
    (((hours as number) * 60 + (minutes as number)) * 60 + (seconds as number)) * 1_000 +
    (hundredths as number) * 10
  );
}

/** Both outputs of a child that is killed when it takes too long or nobody waits any more. */
function look(
  file: number,
  { ffmpeg, decoderStallMs, onChild }: FfmpegOptions,
  signal: AbortSignal | undefined,
): Promise<{ wav: Buffer; words: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(ffmpeg.path, probeArguments(), {
      stdio: ['ignore', 'pipe', 'pipe', file],
      env: {},
      detached: true,
      timeout: decoderStallMs,
      killSignal: 'SIGKILL',
      ...(signal && { signal }),
    });
    const wav = firstBytes(child.stdout);
    const words = firstBytes(child.stderr);
    child.once('spawn', () => onChild?.(1));
    child.once('exit', () => onChild?.(-1));
    child.once('error', (cause) => {
      // An aborted child says so before it is gone; `close` comes when it is.
      if (!signal?.aborted) reject(new GatewayError('decoder_crashed', { cause }));
    });
    child.once('close', (_, killed) => {
      if (signal?.aborted) reject(new GatewayError('cancelled'));
      else if (killed)
        reject(new GatewayError('decoder_crashed', { cause: `${killed} ${words()}` }));
      else resolve({ wav: wav(), words: String(words()) });
    });
  });
}

/** Reads a stream to its end; returns what came first. */
function firstBytes(stream: Readable | null): () => Buffer {
  let kept = Buffer.alloc(0);
  stream?.on('data', (bytes: Buffer) => {
    if (kept.length < maxOutput) kept = Buffer.concat([kept, bytes]);
  });
  return () => kept;
}
