/**
 * Works on several items of `source` at once and gives the results in the order of the items. Takes no item
 * before there is room for it; ends the source when it is itself ended early, and leaves what is being worked
 * on to its owner.
 * @param limit How many items may be worked on, those included whose results wait; asked before each.
 */
export async function* inOrder<T, R>(
  source: AsyncIterable<T>,
  limit: () => number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const items = source[Symbol.asyncIterator]();
  const running: Promise<R>[] = [];
  let ended = false;
  try {
    for (;;) {
      while (!ended && running.length < limit()) {
        const next = await items.next();
        ended = next.done === true;
        if (!next.done) running.push(handled(work(next.value)));
      }
      const oldest = running.shift();
      if (!oldest) return;
      yield await oldest;
    }
  } finally {
    await items.return?.();
  }
}

/** A rejection that comes before its turn is not unhandled. */
function handled<R>(promise: Promise<R>): Promise<R> {
  promise.catch(() => {});
  return promise;
}
