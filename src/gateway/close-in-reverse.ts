/** Ends what was opened, the last first, and empties the list. */
export async function closeInReverse(closers: (() => Promise<void>)[]): Promise<void> {
  for (let closer = closers.pop(); closer; closer = closers.pop()) await closer();
}
