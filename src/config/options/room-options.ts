import { integer } from './option-fields.js';

/** What rooms and those who watch them may take. */
export const roomOptions = {
  maxRooms: integer(
    'MAX_ROOMS',
    1_000,
    1,
    100_000,
    'Rooms at the same time; each session of the web app has one.',
  ),
  maxRoomViewers: integer(
    'MAX_ROOM_VIEWERS',
    500,
    1,
    100_000,
    'Connections that may watch one room; they do not count as MAX_CONNECTIONS.',
  ),
  maxViewerUnreadBytes: integer(
    'MAX_VIEWER_UNREAD_BYTES',
    262_144,
    4_096,
    268_435_456,
    'Bytes of events that may wait for one viewer; beyond it events are left out until a snapshot.',
  ),
  maxRoomCaptionBytes: integer(
    'MAX_ROOM_CAPTION_BYTES',
    1_048_576,
    65_536,
    268_435_456,
    'Bytes that the subtitles of a room may take (about eight hours of speech); the oldest go first.',
  ),
};
