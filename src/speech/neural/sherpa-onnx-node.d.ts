/** The part of the package that is used; its own types are comments. */
declare module 'sherpa-onnx-node' {
  interface ModelFiles {
    readonly model: string;
    readonly tokens: string;
    readonly dataDir: string;
    /** Paths, separated by commas. */
    readonly lexicon?: string;
    /** Of Kokoro only: the styles of its speakers. */
    readonly voices?: string;
  }

  interface Config {
    readonly model: {
      readonly vits?: ModelFiles;
      readonly kokoro?: ModelFiles;
      readonly numThreads: number;
      readonly provider: 'cpu';
      readonly debug: boolean;
    };
    readonly maxNumSentences: number;
  }

  interface Generated {
    /** −1 to 1. */
    readonly samples: Float32Array;
    readonly sampleRate: number;
  }

  interface OfflineTts {
    readonly sampleRate: number;
    readonly numSpeakers: number;
    generateAsync(request: {
      readonly text: string;
      readonly sid: number;
      readonly speed: number;
      readonly enableExternalBuffer: boolean;
    }): Promise<Generated>;
  }

  const sherpa: { readonly OfflineTts: { createAsync(config: Config): Promise<OfflineTts> } };

  // biome-ignore lint/style/noDefaultExport: a CommonJS package is one value to an import.
  export default sherpa;
}
