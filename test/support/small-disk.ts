import { execFileSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.js';

/** A temporary folder on a disk of so many bytes; null where this user may not mount one. */
export function smallDisk(bytes: number): string | null {
  const folder = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], {
      stdio: 'ignore',
    });
  } catch {
    return null;
  }
  // SQLite's files stay open for a while after they are closed: until its statements are garbage.
  onTestFinished(() => void execFileSync('umount', ['--lazy', folder]));
  return folder;
}
