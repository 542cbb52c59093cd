import { computed } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Final, Partial } from '../../../js/src/index.js';
import { t } from '../i18n/index.js';
import { DownIcon } from '../shell/icons.js';
import { live } from './live-store.js';

/** Nearer to the end than this, in pixels, one is reading along. */
const nearEnd = 80;

/** They stay the same while a partial grows, and so does what is drawn of them. */
const finalCaptions = computed(() => live.log.value.finals);

/** What was said, and what is being said; it stays at the end unless somebody reads further up. */
export function Captions() {
  const { finals, partial } = live.log.value;
  const scroller = useRef<HTMLElement>(null);
  const [follows, setFollows] = useState(true);
  const isEmpty = finals.length === 0 && !partial;
  const toEnd = () => scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  useEffect(() => {
    if (follows) toEnd();
  }, [finals, partial, follows]);
  // A phone that is turned has other lines.
  useEffect(() => {
    const observer = new ResizeObserver(() => follows && toEnd());
    observer.observe(scroller.current as HTMLElement);
    return () => observer.disconnect();
  }, [follows]);

  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = scroller.current as HTMLElement;
    setFollows(scrollHeight - scrollTop - clientHeight < nearEnd);
  };
  return (
    <div class="captions-frame">
      <section
        ref={scroller}
        class="captions"
        aria-label={t('captions')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard.
        tabIndex={0}
        onScroll={onScroll}
      >
        {isEmpty && live.phase.value === 'idle' && (
          <div class="empty">
            <p class="empty-title">{t('empty_title')}</p>
            <p>{t('empty_text')}</p>
          </div>
        )}
        <div class="column">
          {/* Only what is final is read out: words that still change would be said again and again. */}
          <div role="log" aria-live="polite" aria-relevant="additions">
            <FinalCaptions />
          </div>
          {partial && <OpenCaption partial={partial} />}
        </div>
      </section>
      {!follows && !isEmpty && (
        <button type="button" class="latest" onClick={() => setFollows(true)}>
          <DownIcon />
          {t('latest')}
        </button>
      )}
    </div>
  );
}

/** By itself: a partial comes many times a second, and finals of hours are many. */
function FinalCaptions() {
  return (
    <>
      {finalCaptions.value.map((final) => (
        <FinalCaption key={final.utterance_id} final={final} />
      ))}
    </>
  );
}

function FinalCaption({ final }: { final: Final }) {
  return (
    <div class="caption">
      <time>{clock(final.start_ms)}</time>
      <p dir="auto" lang={final.language || undefined}>
        {final.text}
      </p>
    </div>
  );
}

function OpenCaption({ partial }: { partial: Partial }) {
  const { start_ms, committed, tentative } = partial;
  return (
    <div class="caption open">
      <time>{clock(start_ms)}</time>
      <p dir="auto">
        <span class="committed">{committed}</span>
        {needsSpace(committed, tentative) && ' '}
        <span class="tentative">{tentative.trimStart()}</span>
      </p>
    </div>
  );
}

/** Chinese and the like are written without spaces. */
function needsSpace(before: string, after: string): boolean {
  if (/^\s/.test(after)) return true;
  return /[^\s\u2e80-\u9fff\uff00-\uffef]$/.test(before) && /^[^\s\u2e80-\u9fff.,!?]/.test(after);
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
