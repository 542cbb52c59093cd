import { computed, effect, signal } from '@preact/signals';
import { parseOptions, toQuery } from '../../../overlay/src/overlay-parameters.js';
import { client, hasKey, keyNeeded } from '../gateway.js';
import { settings } from '../settings.js';

/** As the gateway has it: src/protocol/room-name.ts. */
const roomName = /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} ._~-]{0,99}$/u;
/** Without letters and digits that look alike. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
/** Long enough that nobody finds a room by trying. */
const nameLength = 10;

const chance = crypto.getRandomValues(new Uint8Array(nameLength));
const ownName = Array.from(chance, (byte) => alphabet[byte % alphabet.length]).join('');

export function isRoomName(text: string): boolean {
  return roomName.test(text);
}

/** The room that this page speaks into. */
export const room = computed(() => {
  const named = settings.room.value.trim();
  return isRoomName(named) ? named : ownName;
});

/** How its overlay is to look. */
export const overlayOptions = computed(() => ({
  ...parseOptions(new URLSearchParams(settings.overlay.value)).options,
  room: room.value,
}));

/** A scene is set up days before it is used. */
const tokenSeconds = 7 * 86_400;
/** Nobody needs a token for each letter of a name that is being typed. */
const typingMs = 400;

/** What lets an overlay watch this room, and nothing else; null where no key is needed, or until it is here. */
export const overlayToken = signal<{ room: string; token: string; expiresAt: Date } | null>(null);

effect(() => {
  const asked = room.value;
  overlayToken.value = null;
  if (!hasKey.value || keyNeeded.value) return;
  const timer = setTimeout(() => void makeToken(asked), typingMs);
  return () => clearTimeout(timer);
});

/** Where its overlay is. The token stands behind the `#`, which no server is sent. */
export const overlayUrl = computed(() => {
  const token = overlayToken.value?.token;
  const hash = token ? `#token=${token}` : '';
  return `${location.origin}/overlay?${toQuery(overlayOptions.value)}${hash}`;
});

async function makeToken(asked: string): Promise<void> {
  try {
    const request = { scopes: ['watch'], room: asked, lifetimeSeconds: tokenSeconds } as const;
    const { token, expires_at } = await client.createToken(request);
    if (room.value !== asked) return;
    overlayToken.value = { room: asked, token, expiresAt: new Date(expires_at) };
  } catch {
    // A key that may not watch makes no token: the overlay says that it is not let in.
  }
}
