import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type WaveSurfer from 'wavesurfer.js';
import { clock } from '../files/quantities.js';
import { t } from '../i18n/index.js';
import { settings } from '../settings.js';
import { canBeDrawn, loudness, speech } from './peaks.js';
import type { Player } from './player.js';
import type { TranscriptStore } from './transcript-store.js';
import { waveformHeight } from './waveform-height.js';

/** The picture of the sound, which is a slider as well. */
export function Waveform({ store, player }: { store: TranscriptStore; player: Player }) {
  const frame = useRef<HTMLDivElement>(null);
  const slider = useRef<HTMLDivElement>(null);
  const surfer = useSignal<WaveSurfer | null>(null);
  const seconds = store.transcript.value?.duration ?? 0;

  useEffect(() => {
    const leave = new AbortController();
    void draw(leave.signal).catch(() => {});
    return () => {
      leave.abort();
      surfer.value?.destroy();
    };
  }, []);
  // Canvases do not follow the theme.
  useSignalEffect(() => {
    void settings.theme.value;
    surfer.value?.setOptions(colours());
  });
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const repaint = () => surfer.value?.setOptions(colours());
    dark.addEventListener('change', repaint);
    return () => dark.removeEventListener('change', repaint);
  }, []);
  useSignalEffect(() => {
    const at = player.timeMs.value / 1_000;
    slider.current?.setAttribute('aria-valuenow', at.toFixed(1));
    slider.current?.setAttribute('aria-valuetext', clock(at));
  });

  return (
    <div
      ref={slider}
      class="waveform"
      role="slider"
      tabIndex={0}
      aria-label={t('position')}
      aria-valuemin={0}
      aria-valuemax={seconds}
      aria-valuenow={0}
      onKeyDown={(event) => moveSlider(event, store)}
    >
      <div ref={frame} />
    </div>
  );

  async function draw(signal: AbortSignal): Promise<void> {
    const { bytes = 0 } = store.job.value ?? {};
    const spoken = () => speech(store.original.value, seconds * 1_000);
    const drawn = canBeDrawn(bytes, seconds) ? await loudness(player.audio.src, signal) : null;
    const { default: Surfer } = await import('wavesurfer.js');
    if (signal.aborted || !frame.current) return;
    surfer.value = Surfer.create({
      container: frame.current,
      media: player.audio,
      peaks: [drawn ?? spoken()],
      duration: seconds,
      height: waveformHeight,
      normalize: drawn !== null,
      barWidth: 2,
      barGap: 1.5,
      barRadius: 2,
      barMinHeight: 2,
      cursorWidth: 2,
      dragToSeek: true,
      hideScrollbar: true,
      ...colours(),
    });
  }
}

/** A slider has keys of its own, whether shortcuts are used or not. */
function moveSlider(event: KeyboardEvent, store: TranscriptStore): void {
  const moves: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => store.skip(-1),
    ArrowDown: () => store.skip(-1),
    ArrowRight: () => store.skip(1),
    ArrowUp: () => store.skip(1),
    Home: () => store.seek(0),
    End: () => store.seek((store.transcript.value?.duration ?? 0) * 1_000),
  };
  const move = moves[event.key];
  if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  move();
}

function colours() {
  const styles = getComputedStyle(document.documentElement);
  const colour = (name: string) => styles.getPropertyValue(name).trim();
  return {
    waveColor: colour('--wave'),
    progressColor: colour('--accent'),
    cursorColor: colour('--ink'),
  };
}
