/** Files to upload, and how many others were left out. */
export interface FoundFiles {
  readonly files: readonly File[];
  readonly skipped: number;
}

/** Endings of recordings and films whose type not every browser knows. */
const endings =
  /\.(3gp|aac|ac3|aif|aiff|amr|ape|asf|au|avi|caf|dts|flac|flv|m4a|m4b|m4v|mka|mkv|mov|mp2|mp3|mp4|mpeg|mpg|mts|oga|ogg|ogv|opus|ra|spx|ts|tta|voc|wav|weba|webm|wma|wmv|wv)$/i;

/** What was dropped, folders with all that is in them. To be called while the event is handled. */
export async function filesOfDrop({ items, files }: DataTransfer): Promise<FoundFiles> {
  // The items are gone as soon as the event is.
  const entries = [...items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some((entry) => entry?.isDirectory)) return { files: [...files], skipped: 0 };
  const found = await Promise.all(entries.map((entry) => (entry ? filesIn(entry) : [])));
  return recordingsOf(found.flat());
}

/** Of a whole folder only what can be heard: nobody chose its other files. */
export function recordingsOf(files: readonly File[]): FoundFiles {
  const visible = files.filter(({ name }) => !name.startsWith('.'));
  const recordings = visible.filter(
    ({ name, type }) => /^(audio|video)\//.test(type) || endings.test(name),
  );
  recordings.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  return { files: recordings, skipped: visible.length - recordings.length };
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [file];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inside: FileSystemEntry[] = [];
  for (;;) {
    // A hundred at a time, until there are none.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) break;
    inside.push(...some);
  }
  return (await Promise.all(inside.map(filesIn))).flat();
}
