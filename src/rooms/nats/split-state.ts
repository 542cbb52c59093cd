import type { RoomState } from '../room-state.js';

/**
 * Cuts what is known of a room into messages. Sessions come last: whoever knows of a session up to an event has been
 * told all it said before.
 * @param maxBytes Of each, as JSON. What is larger by itself is left out.
 */
export function splitState({ begin, said, sessions }: RoomState, maxBytes: number): RoomState[] {
  const parts: RoomState[] = [];
  let part: RoomState = { begin, said: [], sessions: [] };
  let bytes = 0;
  const reserve = (entry: object): boolean => {
    const size = Buffer.byteLength(JSON.stringify(entry)) + 1;
    if (size > maxBytes) return false;
    if (bytes + size > maxBytes) {
      parts.push(part);
      part = { begin, said: [], sessions: [] };
      bytes = 0;
    }
    bytes += size;
    return true;
  };
  for (const words of said) if (reserve(words)) part.said.push(words);
  for (const session of sessions) if (reserve(session)) part.sessions.push(session);
  return [...parts, part];
}
