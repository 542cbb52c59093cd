import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { modelIfThere, models } from '../gateway.js';
import { spokenLanguages, t } from '../i18n/index.js';
import { settings } from '../settings.js';
import { Choice, type ChoiceProps } from '../shell/choice.js';
import { UnfoldIcon } from '../shell/icons.js';
import { priorities } from './priorities.js';
import { nextPriority } from './upload-store.js';

/** What is asked for with the files that come next. On a narrow screen it is a line that can be opened. */
export function FileSettings() {
  const id = useId();
  const isOpen = useSignal(false);
  const all = choices();
  return (
    <div class="file-options" data-open={isOpen.value}>
      <button
        type="button"
        class="outlined"
        aria-expanded={isOpen.value}
        aria-controls={id}
        onClick={() => {
          isOpen.value = !isOpen.value;
        }}
      >
        <span>{t('options')}</span>
        <span class="file-options-chosen">{all.map(nameOf).join(' · ')}</span>
        <UnfoldIcon />
      </button>
      <fieldset id={id} class="file-choices">
        <legend class="hidden">{t('next_files')}</legend>
        {all.map((choice) => (
          <Choice key={choice.label} {...choice} />
        ))}
      </fieldset>
    </div>
  );
}

function choices(): readonly ChoiceProps[] {
  const { fileModel, fileLanguage, fileTask, fileChannels } = settings;
  return [
    {
      label: t('spoken_language'),
      value: fileLanguage.value,
      options: [
        { value: 'auto', name: t('language_auto') },
        ...spokenLanguages.value.map(({ code, name }) => ({ value: code, name })),
      ],
      onChange: (code) => {
        fileLanguage.value = code;
      },
    },
    {
      label: t('model'),
      value: modelIfThere(fileModel.value),
      options: [
        { value: '', name: t('model_default') },
        ...models.value.map(({ id }) => ({ value: id, name: id })),
      ],
      onChange: (id) => {
        fileModel.value = id;
      },
    },
    {
      label: t('task'),
      value: fileTask.value,
      options: [
        { value: 'transcribe', name: t('task_transcribe') },
        { value: 'translate', name: t('task_translate') },
      ],
      onChange: (task) => {
        fileTask.value = task as typeof fileTask.value;
      },
    },
    {
      label: t('channels'),
      value: fileChannels.value,
      options: [
        { value: 'mixed', name: t('channels_mixed') },
        { value: 'split', name: t('channels_split') },
      ],
      onChange: (channels) => {
        fileChannels.value = channels as typeof fileChannels.value;
      },
    },
    {
      label: t('priority'),
      value: nextPriority.value,
      options: priorities().map(({ value, name }) => ({ value: String(value), name })),
      onChange: (priority) => {
        nextPriority.value = priority;
      },
    },
  ];
}

function nameOf({ value, options }: ChoiceProps): string {
  return options.find((option) => option.value === value)?.name ?? '';
}
