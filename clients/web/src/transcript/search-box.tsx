import type { RefObject } from 'preact';
import { t } from '../i18n/index.js';
import { DownIcon, SearchIcon, UpIcon } from '../shell/icons.js';
import type { TranscriptStore } from './transcript-store.js';

interface SearchProps {
  readonly store: TranscriptStore;
  readonly input: RefObject<HTMLInputElement | null>;
}

export function SearchBox({ store, input }: SearchProps) {
  const total = store.matches.value.length;
  const isSearching = store.query.value.trim() !== '';
  return (
    <search class="search">
      <SearchIcon />
      <input
        ref={input}
        type="search"
        aria-label={t('search')}
        placeholder={t('search')}
        aria-keyshortcuts="/"
        value={store.query.value}
        onInput={({ currentTarget }) => store.search(currentTarget.value)}
        onKeyDown={(event) => {
          // These keys choose among characters while some are being composed.
          if (event.isComposing) return;
          if (event.key === 'Enter') store.showMatch(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape') {
            store.search('');
            event.currentTarget.blur();
          }
        }}
      />
      <span class="found" role="status">
        {isSearching &&
          (total === 0
            ? t('found_none')
            : t('found', { n: String(store.shownMatch.value + 1), total: String(total) }))}
      </span>
      {isSearching && (
        <>
          <Step
            label={t('match_before')}
            disabled={total === 0}
            onClick={() => store.showMatch(-1)}
          >
            <UpIcon />
          </Step>
          <Step label={t('match_next')} disabled={total === 0} onClick={() => store.showMatch(1)}>
            <DownIcon />
          </Step>
        </>
      )}
    </search>
  );
}

interface StepProps {
  readonly label: string;
  readonly disabled: boolean;
  readonly onClick: () => void;
  readonly children: preact.ComponentChildren;
}

function Step({ label, disabled, onClick, children }: StepProps) {
  return (
    <button
      type="button"
      class="quiet step"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
