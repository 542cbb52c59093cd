/** A language that eSpeak NG speaks. */
export interface EspeakLanguage {
  /** As eSpeak NG looks it up, such as `gmw/en-US`. */
  readonly identifier: string;
  /** For people. */
  readonly name: string;
  /** Tags that stand for it, the most exact first. */
  readonly tags: readonly string[];
}

/** What the thread is asked to do. */
export type EspeakCall =
  | {
      readonly kind: 'say';
      readonly text: string;
      /** `IDENTIFIER+VARIANT`. */
      readonly voice: string;
      readonly wordsPerMinute: number;
    }
  /** Writes eSpeak NG's data as files, for programs that look for them there. */
  | { readonly kind: 'export'; readonly folder: string };

export type ToEspeak = { readonly id: number; readonly call: EspeakCall };

export type FromEspeak =
  | {
      readonly kind: 'ready';
      readonly sampleRate: number;
      readonly languages: readonly EspeakLanguage[];
    }
  | { readonly kind: 'done'; readonly id: number; readonly samples: Int16Array }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string };
