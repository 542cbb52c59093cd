/** Boxes on the way from the top of an MP4 to its data references. */
const path = new Set(['moov', 'trak', 'mdia', 'minf', 'dinf']);

/**
 * An MP4 without data of its own: its index says that the samples lie in another file, at the same places
 * as in `original`, an MP4 whose index comes last. (QuickTime File Format, data reference atoms.)
 * @param dataFirst Whether an empty `mdat` comes before the index.
 */
export function withExternalData(original: Buffer, otherFile: string, dataFirst: boolean): Buffer {
  const boxes = boxesOf(original);
  const index = boxes.find(({ type }) => type === 'moov');
  const beginning = boxes.find(({ type }) => type === 'ftyp');
  if (!index || !beginning) throw new Error('not an MP4');
  return Buffer.concat([
    box('ftyp', beginning.body),
    ...(dataFirst ? [box('mdat', Buffer.alloc(8))] : []),
    box('moov', withReference(index.body, otherFile)),
  ]);
}

function withReference(container: Buffer, otherFile: string): Buffer {
  return Buffer.concat(
    boxesOf(container).map(({ type, body }) => {
      if (type === 'dref') return box('dref', references(otherFile));
      return box(type, path.has(type) ? withReference(body, otherFile) : body);
    }),
  );
}

/** One Macintosh alias record that holds an absolute path. */
function references(otherFile: string): Buffer {
  const fixed = Buffer.alloc(150);
  const target = Buffer.from(otherFile);
  const tag = Buffer.alloc(4);
  tag.writeUInt16BE(2, 0);
  tag.writeUInt16BE(target.length, 2);
  const end = Buffer.from('ffff0000', 'hex');
  const padding = Buffer.alloc(target.length % 2);
  const versionFlagsCount = Buffer.from('0000000000000001', 'hex');
  const versionFlags = Buffer.alloc(4);
  return Buffer.concat([
    versionFlagsCount,
    box('alis', Buffer.concat([versionFlags, fixed, tag, target, padding, end])),
  ]);
}

function boxesOf(bytes: Buffer): { type: string; body: Buffer }[] {
  const boxes = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    boxes.push({
      type: bytes.toString('latin1', at + 4, at + 8),
      body: bytes.subarray(at + 8, at + size),
    });
    at += size;
  }
  return boxes;
}

function box(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + body.length);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, body]);
}
