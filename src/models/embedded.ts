/** A model file that is known by name, size and checksum. */
export interface KnownModel {
  readonly name: string;
  /** In the folder of models. */
  readonly file: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** The speech model that comes with the gateway: Whisper base, multilingual, q8_0. */
export const embeddedModel: KnownModel = {
  name: 'base-q8_0',
  file: 'ggml-base-q8_0.bin',
  bytes: 81_768_585,
  sha256: 'caf4028772b409b1d4a31dfe7e54d7a423b71e747b0e969dc742dbae0ae1e5ac',
};

/** The voice-activity model that comes with the gateway. */
export const embeddedVoiceActivityModel: KnownModel = {
  name: 'silero-v6.2.3',
  file: 'ggml-silero-v6.2.3.bin',
  bytes: 885_102,
  sha256: '5ddca637022567341226d7dc2c2aa28bbf0f4c17f43a860a1b97910ae4411f57',
};

/** Every model that `resolveModel` knows by name. `models/README.md` tells where they come from. */
export const knownModels: readonly KnownModel[] = [embeddedModel, embeddedVoiceActivityModel];
