/** A voice that a request can name. */
export interface Voice {
  /** What a request names it, such as `alloy` or `de`. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Of the engine that has it. */
  readonly model: string;
  /** BCP 47; null where the voice speaks the language that it takes the text for. */
  readonly language: string | null;
}

/** What an engine is asked to speak with. */
export interface Casting {
  readonly voice: string;
  /** BCP 47; null leaves it to the voice, or to the script of the text. */
  readonly language: string | null;
  /** All of it, so that its language can be told. */
  readonly text: string;
}

/** A voice that is ready to speak. */
export interface Speaker {
  /** Of what `say` gives, in Hz. */
  readonly sampleRate: number;
  /**
   * Speaks one sentence.
   * @param speed 0.5 to 2; 1 is the voice's own.
   * @returns Mono samples.
   * @throws GatewayError `speech_failed`, `cancelled`.
   */
  say(sentence: string, speed: number, signal: AbortSignal): Promise<Int16Array>;
}

/** Something that speaks. What it needs for that is loaded when it is first asked to. */
export interface SpeechEngine {
  /** What a request calls it. */
  readonly model: string;
  /** Whether it can speak at once. */
  readonly loaded: boolean;
  voices(): Promise<readonly Voice[]>;
  /**
   * @throws GatewayError `bad_field` for a voice or language that it does not have,
   *   `speech_unavailable` where a package is missing, what its model is unfit for, and
   *   `memory_budget_exceeded` or `model_too_large`.
   */
  cast(casting: Casting): Promise<Speaker>;
  /** Idempotent. Never rejects. */
  close(): Promise<void>;
}
