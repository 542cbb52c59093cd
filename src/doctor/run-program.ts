import { execFile } from 'node:child_process';

/** A program that says nothing for so long says nothing at all; a cold disk or driver takes seconds. */
const timeoutMs = 20_000;
const maxOutputBytes = 4 << 20;

export interface Ran {
  /** Null where it was ended by a signal, or took too long. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Null where there is none of this name, in `PATH` or as a path. */
export function runProgram(program: string, args: readonly string[]): Promise<Ran | null> {
  return new Promise((resolve) => {
    const options = {
      timeout: timeoutMs,
      maxBuffer: maxOutputBytes,
      killSignal: 'SIGKILL',
    } as const;
    execFile(program, args, options, (failure, stdout, stderr) => {
      const code = failure?.code;
      if (code === 'ENOENT' || code === 'EACCES') resolve(null);
      else
        resolve({ code: failure ? (typeof code === 'number' ? code : null) : 0, stdout, stderr });
    });
  });
}
