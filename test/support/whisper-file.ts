/** Dimensions of a Whisper model. */
export interface WhisperShape {
  readonly width: number;
  readonly audioLayers: number;
  readonly textLayers: number;
  readonly words: number;
  readonly mels: number;
}

/** A tensor of a model file: its name, its dimensions, and ggml's type of its values. */
interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: GgmlType;
}

type GgmlType = keyof typeof types;

/** ggml's number of a type, and how many values it packs into how many bytes. */
const types = {
  f32: [0, 1, 4],
  f16: [1, 1, 2],
  q5_0: [6, 32, 22],
  q5_1: [7, 32, 24],
  q8_0: [8, 32, 34],
} as const;

/** The tensors of a model, in the order in which whisper.cpp's converter writes them. */
export function tensorsOf(shape: WhisperShape, weights: GgmlType): Tensor[] {
  const { width } = shape;
  const plain = (name: string, ...dimensions: number[]): Tensor => ({
    name,
    shape: dimensions,
    type: 'f32',
  });
  const weight = (name: string, ...dimensions: number[]): Tensor => ({
    name: `${name}.weight`,
    shape: dimensions,
    type: weights,
  });
  const norm = (name: string) => [plain(`${name}.weight`, width), plain(`${name}.bias`, width)];
  const attention = (name: string) => [
    ...['query', 'key', 'value', 'out'].map((part) => weight(`${name}.${part}`, width, width)),
    ...['query', 'value', 'out'].map((part) => plain(`${name}.${part}.bias`, width)),
    ...norm(`${name}_ln`),
  ];
  const block = (name: string, attentions: readonly string[]) => [
    ...attentions.flatMap((part) => attention(`${name}.${part}`)),
    weight(`${name}.mlp.0`, width, 4 * width),
    plain(`${name}.mlp.0.bias`, 4 * width),
    weight(`${name}.mlp.2`, 4 * width, width),
    plain(`${name}.mlp.2.bias`, width),
    ...norm(`${name}.mlp_ln`),
  ];
  const convolution = (number: number, channels: number): Tensor[] => [
    { name: `encoder.conv${number}.weight`, shape: [3, channels, width], type: 'f16' },
    plain(`encoder.conv${number}.bias`, 1, width),
  ];
  return [
    ...convolution(1, shape.mels),
    ...convolution(2, width),
    plain('encoder.positional_embedding', width, 1_500),
    plain('decoder.positional_embedding', width, 448),
    ...norm('encoder.ln_post'),
    ...norm('decoder.ln'),
    weight('decoder.token_embedding', width, shape.words),
    ...times(shape.audioLayers, (i) => block(`encoder.blocks.${i}`, ['attn'])),
    ...times(shape.textLayers, (i) => block(`decoder.blocks.${i}`, ['attn', 'cross_attn'])),
  ];
}

/** Bytes of a tensor in a file: three numbers, its dimensions, its name and its values. */
export function bytesOf({ name, shape, type }: Tensor): number {
  const [, values, bytes] = types[type];
  const count = shape.reduce((product, size) => product * size, 1);
  return 12 + 4 * shape.length + name.length + (count / values) * bytes;
}

/** Bytes of everything before the first tensor. */
export function headBytes({ mels }: WhisperShape, vocabularyBytes: number): number {
  return 48 + 8 + 4 * mels * 201 + vocabularyBytes;
}

/** A model file of zeros with a header, a vocabulary of one word, and the tensors of its shape. */
export function whisperFile(shape: WhisperShape, weights: GgmlType = 'f16'): Buffer {
  const { width, audioLayers, textLayers, words, mels } = shape;
  const head = [
    0x67676d6c,
    words,
    1_500,
    width,
    1,
    audioLayers,
    448,
    width,
    1,
    textLayers,
    mels,
    1,
  ];
  const filters = Buffer.alloc(4 * mels * 201);
  return Buffer.concat([
    integers(...head, mels, 201),
    filters,
    integers(1, 4),
    Buffer.from('word'),
    ...tensorsOf(shape, weights).map(tensorBytes),
  ]);
}

function tensorBytes(tensor: Tensor): Buffer {
  const { name, shape, type } = tensor;
  const head = Buffer.concat([
    integers(shape.length, name.length, types[type][0], ...shape),
    Buffer.from(name),
  ]);
  return Buffer.concat([head, Buffer.alloc(bytesOf(tensor) - head.length)]);
}

function integers(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length);
  numbers.forEach((number, index) => {
    bytes.writeInt32LE(number, 4 * index);
  });
  return bytes;
}

function times<T>(count: number, make: (index: number) => T[]): T[] {
  return Array.from({ length: count }, (_, index) => make(index)).flat();
}
