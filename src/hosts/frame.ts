import { GatewayError } from '../errors/index.js';

/** Of this encoding, and of everything that is said in it: hosts and gateways of another one do not meet. */
export const wireVersion = 1;

/** The version in one byte, and the length of the head in four. */
const prefixBytes = 5;

/** A head in JSON and, behind it, bytes as they are: samples would be four thirds as long in JSON. */
export interface Frame {
  readonly head: unknown;
  readonly body: Uint8Array;
}

export function encodeFrame(head: object, body: Uint8Array = new Uint8Array()): Uint8Array {
  const text = Buffer.from(JSON.stringify(head));
  const bytes = Buffer.allocUnsafe(prefixBytes + text.length + body.length);
  bytes.writeUInt8(wireVersion, 0);
  bytes.writeUInt32LE(text.length, 1);
  bytes.set(text, prefixBytes);
  bytes.set(body, prefixBytes + text.length);
  return bytes;
}

/** The body is a view of `bytes`. @throws GatewayError `bad_message`. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < prefixBytes || view.readUInt8(0) !== wireVersion) throw unreadable();
  const end = prefixBytes + view.readUInt32LE(1);
  if (end > view.length) throw unreadable();
  try {
    return { head: JSON.parse(view.toString('utf8', prefixBytes, end)), body: view.subarray(end) };
  } catch {
    throw unreadable();
  }
}

function unreadable(): GatewayError {
  const message = `This is no message of inference hosts and gateways, version ${wireVersion}.`;
  return new GatewayError('bad_message', { message });
}
