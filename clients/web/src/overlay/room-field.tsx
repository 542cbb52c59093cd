import { t } from '../i18n/index.js';
import { settings } from '../settings.js';
import { isRoomName, room } from './room.js';

/** The name of the room one speaks into; without one there is a name by chance, which it shows. */
export function RoomField({ disabled = false }: { readonly disabled?: boolean }) {
  const named = settings.room.value;
  const isWrong = named.trim() !== '' && !isRoomName(named.trim());
  return (
    <label class="choice room-field">
      <span>{isWrong ? t('overlay_room_wrong') : t('overlay_room')}</span>
      <input
        type="text"
        value={named}
        placeholder={room.value}
        maxLength={100}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={isWrong}
        disabled={disabled}
        onInput={(event) => {
          settings.room.value = event.currentTarget.value;
        }}
      />
    </label>
  );
}
