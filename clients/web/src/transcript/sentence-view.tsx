import { useComputed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { clock } from '../files/quantities.js';
import { t } from '../i18n/index.js';
import { EditIcon } from '../shell/icons.js';
import type { Sentence } from './sentences.js';
import type { TranscriptStore } from './transcript-store.js';

interface SentenceProps {
  readonly store: TranscriptStore;
  readonly index: number;
  readonly sentence: Sentence;
  /** Whether another channel begins to speak with it. */
  readonly changesChannel: boolean;
}

/** One sentence: when it is said, its words, and a way to change it. */
export function SentenceView({ store, index, sentence, changesChannel }: SentenceProps) {
  const isCurrent = useComputed(() => store.current.value === index).value;
  const isEditing = useComputed(() => store.editing.value === index).value;
  const isEdited = useComputed(() => store.edits.value.has(index)).value;
  const time = clock(sentence.startMs / 1_000);
  // One of them all is reached by Tab, the others by the arrows from there.
  const tabIndex = isCurrent ? 0 : -1;
  return (
    <li
      class="sentence"
      data-current={isCurrent}
      data-edited={isEdited}
      aria-current={isCurrent ? 'true' : undefined}
    >
      {changesChannel && <p class="channel">{t('channel', { n: String(sentence.channel) })}</p>}
      <button
        type="button"
        class="stamp"
        tabIndex={tabIndex}
        aria-label={t('play_from', { time })}
        onClick={() => store.seek(sentence.startMs)}
      >
        {time}
      </button>
      {isEditing ? (
        <Editor store={store} index={index} text={sentence.text} />
      ) : (
        <>
          <p class="words" dir="auto" data-sentence={index}>
            {sentence.text === '' ? <i class="removed">{t('removed')}</i> : pieces(sentence)}
          </p>
          <button
            type="button"
            class="quiet square edit"
            tabIndex={tabIndex}
            aria-label={t('edit_sentence', { time })}
            title={t('edit')}
            onClick={() => {
              store.editing.value = index;
            }}
          >
            <EditIcon />
          </button>
        </>
      )}
    </li>
  );
}

/** The text with each word in an element of its own, so that it can light up. */
function pieces({ text, words }: Sentence) {
  let place = 0;
  const shown = words.map(({ at, end, startMs }, index) => {
    const before = text.slice(place, at);
    place = end;
    return [
      before,
      <span key={index} class="word" data-word={index} data-start={startMs}>
        {text.slice(at, end)}
      </span>,
    ];
  });
  return [...shown.flat(), text.slice(place)];
}

function Editor({ store, index, text }: { store: TranscriptStore; index: number; text: string }) {
  const area = useRef<HTMLTextAreaElement>(null);
  const hintId = `edit-hint-${index}`;
  useEffect(() => {
    const { current } = area;
    if (!current) return;
    fitToText(current);
    current.focus();
    current.setSelectionRange(text.length, text.length);
  }, []);
  const leave = () => {
    if (store.editing.value === index) store.editing.value = null;
  };
  const back = () => {
    const item = area.current?.closest('li');
    leave();
    // After it is drawn anew.
    requestAnimationFrame(() => item?.querySelector<HTMLElement>('.edit')?.focus());
  };
  return (
    <div class="editor">
      <textarea
        ref={area}
        dir="auto"
        rows={1}
        defaultValue={text}
        aria-label={t('edit')}
        aria-describedby={hintId}
        onInput={({ currentTarget }) => fitToText(currentTarget)}
        onBlur={({ currentTarget }) => {
          if (store.editing.value === index) store.edit(index, currentTarget.value);
          leave();
        }}
        onKeyDown={(event) => {
          // These keys choose among characters while some are being composed.
          if (event.isComposing) return;
          if (event.key === 'Enter') {
            event.preventDefault();
            store.edit(index, event.currentTarget.value);
            back();
          } else if (event.key === 'Escape') {
            store.editing.value = null;
            back();
          }
        }}
      />
      <p id={hintId}>{t('edit_hint')}</p>
    </div>
  );
}

/** As high as its text, where the browser does not see to that by itself. */
function fitToText(area: HTMLTextAreaElement): void {
  if (CSS.supports('field-sizing', 'content')) return;
  area.style.height = 'auto';
  area.style.height = `${area.scrollHeight + 2}px`;
}
