import { exitCodes } from './exit-codes.js';

/** Signals that come closer together than this are one. */
const repeatedSignalMs = 500;

/** At SIGTERM or Ctrl-C closes what runs, and ends the process with success. */
export function stopOnSignal(running: { close(): Promise<void> }): void {
  const stop = () => {
    // A further signal finds the default handler, which ends the process at once; but the first
    // Ctrl-C comes twice where npm passes on what the terminal has sent to us already.
    setTimeout(() => process.off('SIGTERM', stop).off('SIGINT', stop), repeatedSignalMs).unref();
    void running.close().then(() => process.exit(exitCodes.ok));
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
}
