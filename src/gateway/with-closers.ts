/** Ends one thing that was opened. */
type Closer = () => Promise<void>;

/**
 * Opens things one after the other. What was opened is closed again, the last first, where a later one fails.
 * @param open Adds to `closers` what ends each thing that it has opened; `close`, which is idempotent, calls them.
 */
export async function withClosers<T>(
  open: (closers: Closer[], close: Closer) => Promise<T>,
): Promise<T> {
  const closers: Closer[] = [];
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeInReverse(closers);
    return closing;
  };
  try {
    return await open(closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function closeInReverse(closers: (() => Promise<void>)[]): Promise<void> {
  for (let closer = closers.pop(); closer; closer = closers.pop()) await closer();
}
