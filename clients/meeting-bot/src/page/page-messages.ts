/** Somebody in the meeting besides the bot. */
export interface Participant {
  /** As long as this presence lasts; who comes back may have another one. */
  readonly id: string;
  /** Null where the page does not tell. */
  readonly name: string | null;
}

/** What the page shows of the meeting now. */
export interface Look {
  /** Whether the bot is in. */
  readonly joined: boolean;
  readonly participants: readonly Participant[];
  /** Whose voice a track is, by the track's key; tracks that are nobody's are not written down. */
  readonly owners: Readonly<Record<string, string>>;
}

/** A remote audio track, as the page's code is shown it. */
export interface TappedTrack {
  readonly key: string;
  readonly track: MediaStreamTrack;
  readonly streamId: string | null;
}

/** A piece of one track. */
export interface Block {
  readonly key: string;
  /** Place of the first sample on the clock of the page's audio, at 16 kHz. All tracks share it. */
  readonly frame: number;
  /** `Date.now()` when the last sample was there. */
  readonly wallMs: number;
  /** 16-bit samples, little-endian, in base64. */
  readonly pcm: string;
}

/** What the page tells Node. `page` changes when the page is loaded anew. */
export type PageMessage =
  | ({ readonly type: 'look'; readonly page: string } & Look)
  | { readonly type: 'audio'; readonly page: string; readonly blocks: readonly Block[] };
