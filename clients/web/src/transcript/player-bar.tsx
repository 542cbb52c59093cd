import { clock } from '../files/quantities.js';
import { t } from '../i18n/index.js';
import { PauseIcon, PlayIcon } from '../shell/icons.js';
import type { TranscriptStore } from './transcript-store.js';
import { Waveform } from './waveform.js';

const speeds = [0.5, 0.75, 1, 1.25, 1.5, 2];

export function PlayerBar({ store }: { store: TranscriptStore }) {
  const player = store.player.value;
  if (!player) return null;
  if (player.cannotPlay.value) {
    return (
      <p class="player cannot-play" role="status">
        {t('cannot_play')}
      </p>
    );
  }
  const isPlaying = player.isPlaying.value;
  return (
    <section class="player" aria-label={t('player')}>
      <button
        type="button"
        class="play-button"
        aria-label={t(isPlaying ? 'pause' : 'play')}
        title={t(isPlaying ? 'pause' : 'play')}
        aria-keyshortcuts="Space"
        onClick={player.toggle}
      >
        {isPlaying ? <PauseIcon /> : <PlayIcon />}
      </button>
      <Waveform store={store} player={player} />
      <p class="play-time">
        <Now store={store} /> / {clock(store.transcript.value?.duration ?? 0)}
      </p>
      <select
        class="speed"
        aria-label={t('speed')}
        title={t('speed')}
        onChange={({ currentTarget }) => {
          player.audio.playbackRate = Number(currentTarget.value);
        }}
      >
        {speeds.map((speed) => (
          <option key={speed} value={speed} selected={speed === 1}>
            {speed}×
          </option>
        ))}
      </select>
    </section>
  );
}

/** By itself, so that nothing else is rendered for it. */
function Now({ store }: { store: TranscriptStore }) {
  return <span>{clock((store.player.value?.timeMs.value ?? 0) / 1_000)}</span>;
}
