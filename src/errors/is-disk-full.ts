/** Whether an error of the file system is about room: on the disk, or in what its owner may take of it, in all or in one file. */
export function isDiskFull(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}
