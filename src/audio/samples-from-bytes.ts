/**
 * Returns a function that turns s16le bytes into samples, call after call. Bytes may be cut anywhere:
 * half a sample is kept for the next call. Samples share memory with the bytes where they can, so the
 * bytes must not be changed afterwards.
 */
export function samplesFromBytes(): (bytes: Uint8Array) => Int16Array {
  let half: number | undefined;
  return (bytes) => {
    let whole = bytes;
    if (half !== undefined) {
      whole = new Uint8Array(bytes.length + 1);
      whole[0] = half;
      whole.set(bytes, 1);
    } else if (bytes.byteOffset % 2 === 1) {
      // An Int16Array can only look at even addresses.
      whole = new Uint8Array(bytes);
    }
    half = whole.length % 2 === 1 ? whole.at(-1) : undefined;
    return new Int16Array(whole.buffer, whole.byteOffset, whole.length >> 1);
  };
}
