import { modelIfThere, models } from '../gateway.js';
import { spokenLanguages, t } from '../i18n/index.js';
import { RoomField } from '../overlay/room-field.js';
import { settings } from '../settings.js';
import { Choice } from '../shell/choice.js';
import { live, setSpoken } from './live-store.js';

export function LiveSettings() {
  const isRunning = live.phase.value !== 'idle';
  const languages = spokenLanguages.value.map(({ code, name }) => ({ value: code, name }));
  const known = models.value.map(({ id }) => ({ value: id, name: id }));
  const devices = live.microphones.value.map(({ deviceId, label }, index) => ({
    value: deviceId,
    name: label || `${t('microphone')} ${index + 1}`,
  }));
  return (
    <fieldset class="choices">
      <legend class="hidden">{t('settings')}</legend>
      <Choice
        label={t('spoken_language')}
        value={settings.spoken.value}
        options={[{ value: 'auto', name: t('language_auto') }, ...languages]}
        onChange={setSpoken}
      />
      <Choice
        label={t('model')}
        value={modelIfThere(settings.model.value)}
        options={[{ value: '', name: t('model_default') }, ...known]}
        disabled={isRunning}
        onChange={(id) => {
          settings.model.value = id;
        }}
      />
      <Choice
        label={t('microphone')}
        value={settings.microphone.value}
        options={[
          { value: '', name: t('microphone_default') },
          ...devices.filter(({ value }) => value !== 'default'),
        ]}
        disabled={isRunning}
        onChange={(id) => {
          settings.microphone.value = id;
        }}
      />
      <RoomField disabled={isRunning} />
    </fieldset>
  );
}
