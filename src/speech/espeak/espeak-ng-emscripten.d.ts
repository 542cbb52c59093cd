/** The part of the package that is used; it comes without types. */
declare module '@echogarden/espeak-ng-emscripten' {
  interface ListedVoice {
    readonly name: string;
    /** Such as `gmw/en-US`. */
    readonly identifier: string;
    readonly languages: readonly { readonly priority: number; readonly name: string }[];
  }

  interface Synthesizer {
    list_voices(): ListedVoice[];
    /** `IDENTIFIER+VARIANT`. 0 where there is such a voice; a wrong variant is passed over. */
    set_voice(name: string): number;
    /** Words a minute, 80 to 450. */
    set_rate(rate: number): void;
    get_samplerate(): number;
    /** Blocks until all is spoken, or `onAudio` returns true. */
    synthesize(text: string, onAudio: (samples: Int16Array) => boolean): void;
  }

  interface FileSystem {
    readdir(path: string): string[];
    stat(path: string): { readonly mode: number };
    isDir(mode: number): boolean;
    readFile(path: string): Uint8Array;
  }

  interface EspeakModule {
    readonly eSpeakNGWorker: new () => Synthesizer;
    readonly FS: FileSystem;
  }

  const create: () => Promise<EspeakModule>;

  // biome-ignore lint/style/noDefaultExport: the package has no other.
  export default create;
}
