/** A holder renews its lock this often, and counts as gone when it has not for `staleMs`. */
const renewMs = 2_000;
const staleMs = 10_000;

/**
 * Does `work` on a model file while no other process does. The lock of a process that died is taken
 * over; the signal aborts where ours was taken from us, as after the machine had slept.
 * @param onWait Called once where somebody else holds it.
 */
export async function withModelLock<T>(
  path: string,
  work: (lost: AbortSignal) => Promise<T>,
  onWait: () => void = () => {},
): Promise<T> {
  // Imported here: a gateway only reads models, and needs none of it.
  const { lock } = await import('proper-lockfile');
  const lost = new AbortController();
  const options = {
    realpath: false,
    lockfilePath: `${path}.lock`,
    update: renewMs,
    stale: staleMs,
    onCompromised: (error: Error) => lost.abort(error),
  };
  const release = await lock(path, options).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ELOCKED') throw error;
    onWait();
    return await lock(path, {
      ...options,
      retries: { forever: true, factor: 1, minTimeout: 250, randomize: true },
    });
  });
  try {
    return await work(lost.signal);
  } finally {
    // Fails where it was lost, of which the work has heard.
    await release().catch(() => {});
  }
}
