import type { Checksum } from './store/checksum.js';

/** A file of a model that can be downloaded. */
export interface CatalogFile {
  /** In the model's folder; empty where the model is this one file. */
  readonly name: string;
  readonly bytes: number;
  readonly checksum: Checksum;
  /** Where it is on the hub, relative to the hub's address. */
  readonly hubPath: string;
}

/** What a model is for: to understand speech, or to speak. */
export type ModelKind = 'recognition' | 'voice';

/** A model that can be downloaded by its name. */
export interface CatalogModel {
  readonly name: string;
  readonly kind: ModelKind;
  /** In the folder of models: its one file, or the folder of a voice. */
  readonly path: string;
  readonly files: readonly CatalogFile[];
  /** Of all files. */
  readonly bytes: number;
  /** Roughly what one inference needs, weights included. */
  readonly memoryBytes: number;
  /** How many languages it knows. */
  readonly languages: number;
  /** BCP 47, where it knows one only. */
  readonly language: string | null;
  /** SPDX, or where it is told. */
  readonly licence: string;
}
