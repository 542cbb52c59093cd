import type { WriteStream } from 'node:tty';
import { Presets, SingleBar } from 'cli-progress';
import type { AudioFile } from '../../audio/index.js';

/** How far a recording is. */
export interface FileProgress {
  /** Everything before `endMs` of a channel is transcribed. */
  reached(channel: number | null, endMs: number): void;
  end(): void;
}

/** A bar in seconds of audio, on a terminal; nothing elsewhere. */
export function createFileProgress(
  name: string,
  file: Pick<AudioFile, 'durationMs' | 'channels'>,
  channels: 'mixed' | 'split',
  stream: WriteStream,
): FileProgress {
  if (!stream.isTTY || file.durationMs === null) return { reached() {}, end() {} };
  const { durationMs } = file;
  const count = channels === 'split' ? file.channels : 1;
  const startedAt = performance.now();
  const bar = new SingleBar(
    {
      stream,
      // The terminal cuts off what is too long for it, so what matters most comes first.
      barsize: Math.min(24, Math.floor(stream.columns / 4)),
      autopadding: true,
      format:
        '{percentage} % {bar} {done} of {all}, {speed} times as fast, {eta_formatted} left  {name}',
      clearOnComplete: true,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  const all = clock(durationMs * count);
  bar.start(durationMs * count, 0, { name, done: clock(0), all, speed: '-' });
  return {
    reached(channel, endMs) {
      const doneMs = (channel ?? 0) * durationMs + Math.min(endMs, durationMs);
      const speed = (doneMs / (performance.now() - startedAt)).toFixed(1);
      bar.update(doneMs, { done: clock(doneMs), speed });
    },
    end: () => bar.stop(),
  };
}

/** `1:02:03`, or `2:03` below an hour. */
function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}
