import { useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { t } from '../i18n/index.js';
import { DownIcon } from '../shell/icons.js';
import { highlight } from './highlight.js';
import { SentenceView } from './sentence-view.js';
import { wordAt } from './sentences.js';
import type { TranscriptStore } from './transcript-store.js';

/** All sentences; what is being said is lit up, and stays in sight unless somebody reads elsewhere. */
export function TranscriptText({ store }: { store: TranscriptStore }) {
  const scroller = useRef<HTMLElement>(null);
  const follows = useSignal(true);
  useLitWord(store, scroller);
  useMatches(store, scroller);
  useSignalEffect(() => {
    const index = store.current.value;
    if (follows.value && store.player.value?.isPlaying.value) {
      reveal(sentenceElement(scroller.current, index));
    }
  });
  const leave = () => {
    if (store.player.value?.isPlaying.value) follows.value = false;
  };
  const sentences = store.sentences.value;
  const isPlaying = store.player.value?.isPlaying.value ?? false;
  return (
    <div class="text-frame">
      <section
        ref={scroller}
        class="text"
        aria-label={t('transcript')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard.
        tabIndex={0}
        onWheel={leave}
        onTouchMove={leave}
      >
        <EditNotice store={store} />
        {sentences.length === 0 && <p class="nothing">{t('no_speech')}</p>}
        {/* Words are for pointers; keys have shortcuts, and the times. */}
        <ol
          onClick={(event) => {
            seekWord(event, store);
            follows.value = true;
          }}
          onKeyDown={moveBetween}
        >
          {sentences.map((sentence, index) => (
            <SentenceView
              key={index}
              store={store}
              index={index}
              sentence={sentence}
              changesChannel={
                sentence.channel !== null && sentence.channel !== sentences[index - 1]?.channel
              }
            />
          ))}
        </ol>
      </section>
      {isPlaying && !follows.value && (
        <button
          type="button"
          class="latest"
          onClick={() => {
            follows.value = true;
          }}
        >
          <DownIcon />
          {t('follow')}
        </button>
      )}
    </div>
  );
}

function EditNotice({ store }: { store: TranscriptStore }) {
  const count = store.edits.value.size;
  if (count === 0) return null;
  return (
    <div class="edit-notice">
      <p role="status">
        {store.kept.value
          ? t(count === 1 ? 'edited_one' : 'edited', { n: String(count) })
          : t('edits_not_kept')}
      </p>
      <button type="button" class="quiet" onClick={store.undoEdits}>
        {t('undo_edits')}
      </button>
    </div>
  );
}

type Scroller = { readonly current: HTMLElement | null };

/** Marks the word that is being said. Many times a second: too often to render for. */
function useLitWord(store: TranscriptStore, scroller: Scroller): void {
  const lit = useRef({ name: '', element: null as Element | null });
  useSignalEffect(() => {
    const index = store.current.value;
    const sentence = store.sentences.value[index];
    const timeMs = store.player.value?.timeMs.value ?? 0;
    const word = sentence && timeMs > 0 ? wordAt(sentence, timeMs) : null;
    const name = word === null ? '' : `${index}:${word}`;
    const { current } = lit;
    // A sentence that was drawn anew has other elements.
    if (name === current.name && current.element?.isConnected !== false) return;
    current.element?.classList.remove('said');
    current.name = name;
    current.element =
      word === null
        ? null
        : (sentenceElement(scroller.current, index)?.querySelector(`[data-word="${word}"]`) ??
          null);
    current.element?.classList.add('said');
  });
}

/** Marks what was searched for, and shows the match that is looked at. */
function useMatches(store: TranscriptStore, scroller: Scroller): void {
  useSignalEffect(() => {
    const matches = store.matches.value;
    const shown = matches[store.shownMatch.value];
    // While one is edited it has no words to be marked.
    void store.editing.value;
    // After what has changed is drawn.
    const frame = requestAnimationFrame(() => {
      const find = (index: number) => sentenceElement(scroller.current, index);
      highlight('found', matches, find);
      highlight('found-now', shown ? [shown] : [], find);
      if (shown) reveal(find(shown.sentence));
    });
    return () => {
      cancelAnimationFrame(frame);
      highlight('found', [], () => null);
      highlight('found-now', [], () => null);
    };
  });
}

function sentenceElement(scroller: HTMLElement | null, index: number): HTMLElement | null {
  return scroller?.querySelector(`[data-sentence="${index}"]`) ?? null;
}

function reveal(element: HTMLElement | null): void {
  const scroller = element?.closest('.text');
  if (!element || !scroller) return;
  const [inner, outer] = [element.getBoundingClientRect(), scroller.getBoundingClientRect()];
  if (inner.top >= outer.top + 24 && inner.bottom <= outer.bottom - 64) return;
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  element.scrollIntoView({ block: 'center', behavior: calm ? 'instant' : 'smooth' });
}

function seekWord({ target }: MouseEvent, store: TranscriptStore): void {
  // Whoever marks text to copy it means to stay.
  if (String(getSelection() ?? '') !== '') return;
  const { start } = (target as Element).closest<HTMLElement>('.word')?.dataset ?? {};
  if (start === undefined) return;
  store.seek(Number(start));
  // The click went to the word, and not to the scrolling area that got the focus by it.
  if (document.activeElement?.matches('.text')) (document.activeElement as HTMLElement).blur();
}

/** The arrows go from one sentence's time to the next one's. */
function moveBetween(event: KeyboardEvent): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const stamp = (event.target as Element).closest('.stamp');
  if (!step || !stamp) return;
  const stamps = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>('.stamp')];
  const next = stamps[stamps.indexOf(stamp as HTMLElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
