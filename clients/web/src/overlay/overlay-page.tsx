import { useEffect } from 'preact/hooks';
import { keyNeeded } from '../gateway.js';
import { locale, spokenLanguages, t } from '../i18n/index.js';
import { commonShortcuts } from '../shell/common-shortcuts.js';
import { CopyButton, useCopying } from '../shell/copy-button.js';
import { OverlayIcon } from '../shell/icons.js';
import { KeyForm } from '../shell/key-form.js';
import { listenForShortcuts } from '../shell/shortcuts.js';
import { ChoiceField, ColourField, Range, RangeField, SelectField, TextField } from './fields.js';
import { OverlayPreview } from './overlay-preview.js';
import { overlayOptions, overlayToken, overlayUrl } from './room.js';
import { RoomField } from './room-field.js';
import { resetOptions, setOption } from './set-option.js';

const weights = ['400', '500', '600', '700', '800'];
const pages = { transparent: 'transparent', '000000': 'black', '00ff00': 'green' } as const;

/** Makes the address of an overlay, and shows what it will look like. */
export function OverlayPage() {
  useEffect(() => listenForShortcuts(commonShortcuts), []);
  return (
    <div class="overlay-page">
      <div class="overlay-intro">
        <h1>{t('overlay_title')}</h1>
        <p>{t('overlay_text')}</p>
      </div>
      {keyNeeded.value && <KeyForm />}
      <section class="overlay-result" aria-label={t('overlay_preview')}>
        <OverlayPreview options={overlayOptions.value} />
        <Address />
      </section>
      <form class="overlay-fields" onSubmit={(event) => event.preventDefault()}>
        <fieldset>
          <legend>{t('overlay_group_captions')}</legend>
          <RoomField />
          <RangeField name="lines" />
          <RangeField name="chars" />
          <RangeField name="min_ms" scale={0.001} />
          <RangeField name="clear_ms" scale={0.001} />
        </fieldset>
        <fieldset>
          <legend>{t('overlay_group_letters')}</legend>
          <TextField name="font" hint={t('overlay_font_default')} />
          <RangeField name="size" />
          <SelectField
            label={t('overlay_weight')}
            value={String(overlayOptions.value.weight)}
            options={weights.map((value) => ({ value, name: value }))}
            onChange={(value) => setOption('weight', Number(value))}
          />
          <ChoiceField name="edge" />
          <ColourField name="color" />
          <ChoiceField name="tentative" />
          <ColourField name="background" />
          <Opacity />
        </fieldset>
        <fieldset>
          <legend>{t('overlay_group_place')}</legend>
          <ChoiceField name="position" />
          <ChoiceField name="align" />
          <RangeField name="margin" />
          <SelectField
            label={t('overlay_page')}
            value={overlayOptions.value.page}
            options={Object.entries(pages).map(([value, name]) => ({
              value,
              name: t(`overlay_page_${name}`),
            }))}
            onChange={(value) => setOption('page', value)}
          />
        </fieldset>
        <fieldset>
          <legend>{t('overlay_group_speakers')}</legend>
          <ChoiceField name="speakers" />
          <TextField name="colors" />
          <SelectField
            label={t('overlay_language')}
            value={overlayOptions.value.language}
            options={[
              { value: '', name: t('overlay_language_any') },
              ...spokenLanguages.value.map(({ code, name }) => ({ value: code, name })),
            ]}
            onChange={(value) => setOption('language', value)}
          />
          <button type="button" class="quiet" onClick={resetOptions}>
            {t('overlay_reset')}
          </button>
        </fieldset>
      </form>
    </div>
  );
}

function Address() {
  const url = overlayUrl.value;
  const token = overlayToken.value;
  const copying = useCopying(() => url);
  return (
    <>
      <div class="address">
        <input
          type="text"
          readOnly
          aria-label={t('overlay_address')}
          value={url}
          onFocus={(event) => event.currentTarget.select()}
        />
        <CopyButton copying={copying} label={t('overlay_copy')} kind="primary" />
        <a class="quiet" href={url} target="_blank" rel="noopener">
          <OverlayIcon />
          {t('overlay_view')}
        </a>
      </div>
      {token && (
        <p class="address-note">
          {t('overlay_token', { date: token.expiresAt.toLocaleString(locale()) })}
        </p>
      )}
    </>
  );
}

/** Of what is behind the words: the last two digits of its colour. */
function Opacity() {
  const { background } = overlayOptions.value;
  const share = background.length === 8 ? Number.parseInt(background.slice(6), 16) / 255 : 1;
  const set = (percent: number) => {
    const digits = Math.round(percent * 2.55)
      .toString(16)
      .padStart(2, '0');
    setOption('background', background.slice(0, 6) + digits);
  };
  return (
    <Range
      label={t('overlay_opacity')}
      value={Math.round(share * 100)}
      min={0}
      max={100}
      step={1}
      onInput={set}
    />
  );
}
