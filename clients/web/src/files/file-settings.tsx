import { models } from '../gateway.js';
import { spokenLanguages, t } from '../i18n/index.js';
import { settings } from '../settings.js';
import { Choice } from '../shell/choice.js';
import { priorities } from './priorities.js';
import { nextPriority } from './upload-store.js';

/** What is asked for with the files that come next. */
export function FileSettings() {
  const languages = spokenLanguages.value.map(({ code, name }) => ({ value: code, name }));
  const { fileModel, fileLanguage, fileTask, fileChannels } = settings;
  const known = models.value.map(({ id }) => ({ value: id, name: id }));
  return (
    <fieldset class="file-choices">
      <legend class="hidden">{t('next_files')}</legend>
      <Choice
        label={t('spoken_language')}
        value={fileLanguage.value}
        options={[{ value: 'auto', name: t('language_auto') }, ...languages]}
        onChange={(code) => {
          fileLanguage.value = code;
        }}
      />
      <Choice
        label={t('model')}
        value={fileModel.value}
        options={[{ value: '', name: t('model_default') }, ...known]}
        onChange={(id) => {
          fileModel.value = id;
        }}
      />
      <Choice
        label={t('task')}
        value={fileTask.value}
        options={[
          { value: 'transcribe', name: t('task_transcribe') },
          { value: 'translate', name: t('task_translate') },
        ]}
        onChange={(task) => {
          fileTask.value = task as typeof fileTask.value;
        }}
      />
      <Choice
        label={t('channels')}
        value={fileChannels.value}
        options={[
          { value: 'mixed', name: t('channels_mixed') },
          { value: 'split', name: t('channels_split') },
        ]}
        onChange={(channels) => {
          fileChannels.value = channels as typeof fileChannels.value;
        }}
      />
      <Choice
        label={t('priority')}
        value={nextPriority.value}
        options={priorities().map(({ value, name }) => ({ value: String(value), name }))}
        onChange={(priority) => {
          nextPriority.value = priority;
        }}
      />
    </fieldset>
  );
}
