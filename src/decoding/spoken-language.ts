/** A language is settled once it was detected with this probability … */
export const sureProbability = 0.8;
/** … or this often was the most probable one. */
const enoughDetections = 3;
/** Mean log-probability below which the model may have decoded in a wrong language … */
export const doubtfulLogprob = -0.75;
/** … and finals in a row like that, after which the language is detected anew. */
const doubtfulFinals = 2;

/** Which language the windows of one speaker, or of one room, are decoded in. */
export class SpokenLanguage {
  #asked: string;
  #settled: string | undefined;
  /** Summed probability of every language that was detected. */
  readonly #detected = new Map<string, number>();
  #detections = 0;
  #doubtful = 0;

  /** @param asked ISO 639-1 code, or `auto`. */
  constructor(asked: string) {
    this.#asked = asked;
  }

  /** For the next window: ISO 639-1 code, or `auto`. */
  get current(): string {
    return this.#asked === 'auto' ? (this.#settled ?? 'auto') : this.#asked;
  }

  /** Pins another language, or goes back to detecting it. */
  ask(language: string): void {
    this.#asked = language;
    this.#forget();
  }

  /** Takes what the engine detected in a window that was decoded with `auto`. */
  detected(language: string, probability: number): void {
    this.#detections++;
    this.#detected.set(language, (this.#detected.get(language) ?? 0) + probability);
    if (probability >= sureProbability) this.#settled = language;
    else if (this.#detections >= enoughDetections) this.#settled = this.#mostProbable();
  }

  /** Takes how sure the model was of a final; a wrong language shows as doubt. */
  judged(meanLogprob: number): void {
    this.#doubtful = meanLogprob < doubtfulLogprob ? this.#doubtful + 1 : 0;
    if (this.#doubtful >= doubtfulFinals) this.#forget();
  }

  #mostProbable(): string | undefined {
    return [...this.#detected].sort(([, a], [, b]) => b - a)[0]?.[0];
  }

  #forget(): void {
    this.#settled = undefined;
    this.#detected.clear();
    this.#detections = 0;
    this.#doubtful = 0;
  }
}
