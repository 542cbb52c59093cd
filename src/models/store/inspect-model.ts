import { type FileHandle, open } from 'node:fs/promises';
import { GatewayError } from '../../errors/index.js';
import { recognize } from './recognize.js';

/** What the header of a Whisper model in the ggml format says. */
export interface ModelHeader {
  readonly multilingual: boolean;
  /** Layers of the encoder, by which the sizes of Whisper are told apart. */
  readonly layers: number;
}

/** The first number of a model: "ggml". Other kinds of ggml files begin with others. */
const ggmlMagic = 0x67676d6c;
/** The magic, eleven dimensions, and the two of the filters that follow. */
const headerBytes = 56;
/** More than all words of a vocabulary need, which is half a megabyte. */
const maxVocabularyBytes = 4 << 20;
/** Models with fewer words in their vocabulary know English only. */
const multilingualWords = 51_865;

/** A block of values by ggml's number for its type: how many values, in how many bytes. */
const blocks: Readonly<Record<number, readonly [values: number, bytes: number]>> = {
  0: [1, 4], // f32
  1: [1, 2], // f16
  2: [32, 18], // q4_0
  3: [32, 20], // q4_1
  6: [32, 22], // q5_0
  7: [32, 24], // q5_1
  8: [32, 34], // q8_0
  10: [256, 84], // q2_K
  11: [256, 110], // q3_K
  12: [256, 144], // q4_K
  13: [256, 176], // q5_K
  14: [256, 210], // q6_K
};

/**
 * Reads the header of a model file and follows its tensors to the end, without reading their values.
 * The engine looks closer still when it loads one; this tells people before they rely on it.
 * @throws GatewayError `model_unsupported` where it is something else, `model_corrupt` where it is cut
 *   off or garbled.
 */
export async function inspectModel(path: string): Promise<ModelHeader> {
  const file = await open(path, 'r');
  try {
    const head = await readAt(file, 0, headerBytes);
    if (head.length < 4 || head.readUInt32LE(0) !== ggmlMagic) {
      throw new GatewayError('model_unsupported', { message: `${path} ${recognize(head)}` });
    }
    if (head.length < headerBytes) throw new Cut();
    const [
      ,
      words = 0,
      audioContext,
      ,
      ,
      layers = 0,
      textContext,
      ,
      ,
      ,
      ,
      ,
      filters = 0,
      bins = 0,
    ] = integersOf(head);
    // These two are the same in every Whisper; a voice activity model has its name here.
    if (audioContext !== 1_500 || textContext !== 448) {
      const message = `${path} is a ggml file, but not a Whisper speech model.`;
      throw new GatewayError('model_unsupported', { message });
    }
    await followTensors(file, await endOfVocabulary(file, headerBytes + 4 * filters * bins));
    return { multilingual: words >= multilingualWords, layers };
  } catch (error) {
    if (!(error instanceof Cut)) throw error;
    throw new GatewayError('model_corrupt', {
      message: `${path} is a Whisper model that is damaged: it was cut off, or its contents are garbled.`,
    });
  } finally {
    await file.close();
  }
}

/** The file ends before what it announces does, or announces what cannot be. */
class Cut extends Error {}

/** Words are a length and as many bytes each. */
async function endOfVocabulary(file: FileHandle, start: number): Promise<number> {
  const bytes = await readAt(file, start, maxVocabularyBytes);
  let at = 4;
  for (let words = numberAt(bytes, 0); words > 0; words--) at += 4 + numberAt(bytes, at);
  return start + at;
}

async function followTensors(file: FileHandle, start: number): Promise<void> {
  const { size } = await file.stat();
  let at = start;
  while (at < size) {
    const head = await readAt(file, at, 12 + 4 * 4);
    const dimensions = numberAt(head, 0);
    const block = blocks[numberAt(head, 8)];
    if (dimensions < 1 || dimensions > 4 || !block) throw new Cut();
    let values = 1;
    for (let i = 0; i < dimensions; i++) values *= numberAt(head, 12 + 4 * i);
    at += 12 + 4 * dimensions + numberAt(head, 4) + (values / block[0]) * block[1];
  }
  if (at !== size) throw new Cut();
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** A length or count, none of which is negative. */
function numberAt(bytes: Buffer, at: number): number {
  const number = at + 4 <= bytes.length ? bytes.readInt32LE(at) : -1;
  if (number < 0) throw new Cut();
  return number;
}

function integersOf(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readInt32LE(4 * index));
}
