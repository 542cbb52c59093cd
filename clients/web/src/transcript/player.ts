import { type Signal, signal } from '@preact/signals';

/** Plays a file, which the browser gets piece by piece as it needs it. */
export interface Player {
  readonly audio: HTMLAudioElement;
  readonly timeMs: Signal<number>;
  readonly isPlaying: Signal<boolean>;
  /** Null until it is known. */
  readonly durationMs: Signal<number | null>;
  /** Whether the browser cannot play it. */
  readonly cannotPlay: Signal<boolean>;
  toggle(): void;
  seek(ms: number): void;
  /** Idempotent. */
  close(): void;
}

export function createPlayer(url: string): Player {
  const audio = new Audio();
  const timeMs = signal(0);
  const isPlaying = signal(false);
  const durationMs = signal<number | null>(null);
  const cannotPlay = signal(false);
  const tell = () => {
    timeMs.value = audio.currentTime * 1_000;
  };
  let frame = 0;
  // Browsers tell the time four times a second, which is too rarely for words.
  const follow = () => {
    tell();
    frame = requestAnimationFrame(follow);
  };
  audio.preload = 'metadata';
  audio.onplay = () => {
    isPlaying.value = true;
    cancelAnimationFrame(frame);
    follow();
  };
  audio.onpause = () => {
    isPlaying.value = false;
    cancelAnimationFrame(frame);
    tell();
  };
  audio.onseeking = tell;
  audio.ontimeupdate = tell;
  audio.ondurationchange = () => {
    const { duration } = audio;
    if (Number.isFinite(duration)) durationMs.value = duration * 1_000;
  };
  audio.onerror = () => {
    cannotPlay.value = true;
    isPlaying.value = false;
  };
  audio.src = url;
  return {
    audio,
    timeMs,
    isPlaying,
    durationMs,
    cannotPlay,
    toggle() {
      // What cannot be played is told by `onerror`; a pause may come before the beginning.
      if (audio.paused) void audio.play().catch(() => {});
      else audio.pause();
    },
    seek(ms) {
      audio.currentTime = Math.max(0, Math.min(ms, durationMs.value ?? ms)) / 1_000;
      tell();
    },
    close() {
      cancelAnimationFrame(frame);
      audio.onerror = null;
      audio.pause();
      audio.removeAttribute('src');
      audio.load();
    },
  };
}
