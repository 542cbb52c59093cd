import {
  type DecodedWindow,
  type DecodeRequest,
  decodeWindow,
  decodeWithDoubt,
  type Rung,
  type SpeechOptions,
  type SpokenLanguage,
  type SubmitWindow,
} from '../decoding/index.js';

/** A window of the session, and how thoroughly it is decoded. */
export interface SessionRequest extends Omit<DecodeRequest, 'sessionId'> {
  readonly rung: Rung;
  /** Whether what looks invented is decoded again. */
  readonly redo: boolean;
}

/** Decodes a session's windows in its language. */
export class WindowDecoder {
  readonly #sessionId: string;
  readonly #submit: SubmitWindow;
  readonly #language: SpokenLanguage;

  constructor(sessionId: string, submit: SubmitWindow, language: SpokenLanguage) {
    this.#sessionId = sessionId;
    this.#submit = submit;
    this.#language = language;
  }

  /**
   * Decodes one window, and once more where that was asked for and the text looks invented.
   * @throws GatewayError as the scheduler does.
   */
  decode(request: SessionRequest, speech: SpeechOptions): Promise<DecodedWindow> {
    const decodeAt = (rung: Rung) => this.#decodeAt(rung, request, speech);
    return request.redo ? decodeWithDoubt(request.rung, decodeAt) : decodeAt(request.rung);
  }

  async #decodeAt(
    rung: Rung,
    request: SessionRequest,
    speech: SpeechOptions,
  ): Promise<DecodedWindow> {
    const language = this.#language.current;
    const named = { ...request, sessionId: this.#sessionId };
    const decoded = await decodeWindow(this.#submit, named, rung, { ...speech, language });
    if (language === 'auto') {
      this.#language.detected(decoded.language, decoded.languageProbability);
    }
    return decoded;
  }
}
