import { useSignal } from '@preact/signals';
import { t } from '../i18n/index.js';
import { settings } from '../settings.js';
import { isRoomName, room } from './room.js';

/** The name of the room one speaks into: the one that was chosen, or one by chance. */
export function RoomField({ disabled = false }: { readonly disabled?: boolean }) {
  const named = settings.room.value;
  // While a name is typed the field has that and nothing else, and may be empty.
  const typed = useSignal<string | null>(null);
  const isWrong = named.trim() !== '' && !isRoomName(named.trim());
  return (
    <label class="choice room-field">
      <span>{isWrong ? t('overlay_room_wrong') : t('overlay_room')}</span>
      <input
        type="text"
        value={typed.value ?? (named || room.value)}
        maxLength={100}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={isWrong}
        disabled={disabled}
        onInput={({ currentTarget: { value } }) => {
          typed.value = value;
          settings.room.value = value;
        }}
        onBlur={() => {
          typed.value = null;
        }}
      />
    </label>
  );
}
