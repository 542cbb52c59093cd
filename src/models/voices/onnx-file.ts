import { appendFile, constants, copyFile, type FileHandle, open } from 'node:fs/promises';
import { GatewayError } from '../../errors/index.js';

/** Numbers of the fields of ONNX's ModelProto and StringStringEntryProto (onnx.proto). */
const graphField = 7;
const metadataField = 14;
const keyField = 1;
const valueField = 2;

/** What protobuf calls the form of a field: a number, or bytes behind their length. */
const numberForm = 0;
const bytesForm = 2;

/** Longest value of metadata that is read. */
const maxMetadataBytes = 1 << 16;

/**
 * Follows the outermost fields of an ONNX model to its end, without reading its weights.
 * @returns Its metadata.
 * @throws GatewayError `model_corrupt` where it is cut off or something else.
 */
export async function readOnnxMetadata(path: string): Promise<ReadonlyMap<string, string>> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const metadata = new Map<string, string>();
    let hasGraph = false;
    for (let at = 0; at < size; ) {
      const head = await readAt(file, at, 20);
      const [tag, afterTag] = readNumber(head, 0);
      const [value, afterValue] = readNumber(head, afterTag);
      const form = tag & 7;
      if (form !== numberForm && form !== bytesForm) throw new Damaged();
      at += afterValue;
      if (form === numberForm) continue;
      if (at + value > size) throw new Damaged();
      if (tag >> 3 === graphField) hasGraph = true;
      if (tag >> 3 === metadataField && value <= maxMetadataBytes) {
        metadata.set(...readEntry(await readAt(file, at, value)));
      }
      at += value;
    }
    if (!hasGraph) throw new Damaged();
    return metadata;
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    throw new GatewayError('model_corrupt', {
      message: `${path} is no ONNX model, or was cut off.`,
    });
  } finally {
    await file.close();
  }
}

/**
 * Copies an ONNX model and gives the copy more metadata: it is the last field, and repeated, so what is
 * appended to the file belongs to it.
 */
export async function copyWithMetadata(
  from: string,
  to: string,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  // A disk that can shares the bytes.
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const entries = Object.entries(metadata).map(([key, value]) =>
    field(
      metadataField,
      Buffer.concat([field(keyField, Buffer.from(key)), field(valueField, Buffer.from(value))]),
    ),
  );
  await appendFile(to, Buffer.concat(entries));
}

class Damaged extends Error {}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function readEntry(bytes: Buffer): [key: string, value: string] {
  const texts: [string, string] = ['', ''];
  for (let at = 0; at < bytes.length; ) {
    const [tag, afterTag] = readNumber(bytes, at);
    const [length, start] = readNumber(bytes, afterTag);
    if (tag >> 3 === keyField) texts[0] = bytes.toString('utf8', start, start + length);
    if (tag >> 3 === valueField) texts[1] = bytes.toString('utf8', start, start + length);
    at = start + length;
  }
  return texts;
}

/** Seven bits a byte, the lowest first; the highest bit says that more follow. */
function readNumber(bytes: Buffer, start: number): [value: number, end: number] {
  let value = 0;
  for (let at = start; at < start + 8; at++) {
    const byte = bytes[at];
    if (byte === undefined) throw new Damaged();
    value += (byte & 0x7f) * 2 ** (7 * (at - start));
    if (byte < 0x80) return [value, at + 1];
  }
  throw new Damaged();
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([numberBytes((number << 3) | bytesForm), numberBytes(bytes.length), bytes]);
}

function numberBytes(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}
