/** What the bot waits for, holds and gives up. Durations are in ms of time, or of audio. */
export const limits = {
  /** A meeting's page has to be there after this time. */
  pageTimeoutMs: 60_000,
  /** People who can be heard at once; further ones are named in the log and not written down. */
  maxVoices: 40,
  /** Audio of one voice that is held for a gateway that is away; the oldest goes first. */
  maxHeldMs: 120_000,
  /** Audio of a track that is held until the page tells whose it is. */
  maxUnownedMs: 5_000,
  /** A shorter hole in a voice's audio is not worth a word. */
  toldHoleMs: 100,
  /** A hole in a voice's audio up to this length is filled with silence; a longer one begins a new session. */
  maxFilledMs: 10_000,
  /** A voice that is silent for so long gives its place with the gateway back until it is heard again. */
  quietAfterMs: 60_000,
  /** Audio before the first sound that is sent along, so that no first word is cut. */
  prerollMs: 600,
  /** Pause after a session that the gateway refused for good. */
  refusedPauseMs: 15_000,
  /** After the meeting, finals are waited for at most so long. */
  lastWordsMs: 60_000,
  /** The transcript is written again at most so often. */
  saveIntervalMs: 5_000,
  /** Lines of a transcript; what is said beyond is not written down. */
  maxLines: 50_000,
  /** A meeting that shows no sign of itself for so long is over. */
  outsideMs: 20_000,
  /** Messages of the page that may be under way; audio beyond is dropped, and becomes silence. */
  maxPendingMessages: 50,
  /** How often the page is asked who is here. */
  lookIntervalMs: 250,
} as const;
