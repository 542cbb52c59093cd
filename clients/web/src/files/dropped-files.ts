/** Files to upload, and how many others were left out. */
export interface FoundFiles {
  readonly files: readonly File[];
  /** What is no recording. */
  readonly skipped: number;
  /** Files and folders that the browser could not read. */
  readonly unreadable: number;
}

/** Endings of recordings and films whose type not every browser knows. */
const endings =
  /\.(3gp|aac|ac3|aif|aiff|amr|ape|asf|au|avi|caf|dts|flac|flv|m4a|m4b|m4v|mka|mkv|mov|mp2|mp3|mp4|mpeg|mpg|mts|oga|ogg|ogv|opus|ra|spx|ts|tta|voc|wav|weba|webm|wma|wmv|wv)$/i;

/** What was dropped, folders with all that is in them. To be called while the event is handled. */
export async function filesOfDrop({ items, files }: DataTransfer): Promise<FoundFiles> {
  // The items are gone as soon as the event is.
  const entries = [...items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some((entry) => entry?.isDirectory)) {
    return { files: [...files], skipped: 0, unreadable: 0 };
  }
  const found = await Promise.all(entries.map((entry) => (entry ? filesIn(entry) : [])));
  const all = found.flat();
  const readable = all.filter((file) => file !== null);
  return { ...recordingsOf(readable), unreadable: all.length - readable.length };
}

/** Of a whole folder only what can be heard: nobody chose its other files. */
export function recordingsOf(files: readonly File[]): FoundFiles {
  const visible = files.filter(({ name }) => !name.startsWith('.'));
  const recordings = visible.filter(
    ({ name, type }) => /^(audio|video)\//.test(type) || endings.test(name),
  );
  recordings.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  return { files: recordings, skipped: visible.length - recordings.length, unreadable: 0 };
}

/** What is in it; null for each file or folder that cannot be read, which costs no other. */
async function filesIn(entry: FileSystemEntry): Promise<(File | null)[]> {
  const found: (File | null)[] = [];
  const inside: FileSystemEntry[] = [];
  try {
    if (entry.isFile) found.push(await fileOf(entry as FileSystemFileEntry));
    else await readInto(inside, entry as FileSystemDirectoryEntry);
  } catch {
    found.push(null);
  }
  return [found, ...(await Promise.all(inside.map(filesIn)))].flat();
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function readInto(inside: FileSystemEntry[], folder: FileSystemDirectoryEntry) {
  const reader = folder.createReader();
  for (;;) {
    // A hundred at a time, until there are none.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return;
    inside.push(...some);
  }
}
