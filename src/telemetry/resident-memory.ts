import { readFile } from 'node:fs/promises';

/** Bytes of a page; Linux has pages of 4 KiB wherever this runs. */
const pageBytes = 4_096;

/**
 * Bytes of memory that this process and `children` hold, pages that they share counted once each.
 * Children are left out where the system has no /proc, and so are those that have ended.
 */
export async function residentMemory(children: readonly number[]): Promise<number> {
  const sizes = await Promise.all(children.map(residentOf));
  return sizes.reduce((sum, size) => sum + size, process.memoryUsage.rss());
}

async function residentOf(pid: number): Promise<number> {
  try {
    const [, pages] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ');
    return Number(pages) * pageBytes;
  } catch {
    return 0;
  }
}
