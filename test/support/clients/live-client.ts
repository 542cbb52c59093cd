import {
  type Caption,
  defaultReconnect,
  type LiveSession,
  type LiveState,
} from '../../../clients/js/src/index.js';

/** How the clip is streamed with the client library. */
export const pcm = { format: 'pcm_s16le', sample_rate: 16_000, channels: 1 } as const;

/** Tries again at once: what happens meanwhile is the subject, and not how long it takes. */
export const quick = { ...defaultReconnect, baseMs: 20, maxMs: 100 };

/** Sends as fast as it is taken. */
export async function sendAll(session: LiveSession, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length; offset += 8_000) {
    if (!session.send(bytes.subarray(offset, offset + 8_000))) await session.drained();
  }
}

/** The states of a session, from now on. */
export function statesOf(session: LiveSession) {
  const states: LiveState[] = [];
  session.on('state', (state) => states.push(state));
  return {
    all: states,
    names: () => states.map(({ name }) => name),
    /** The next state of this name that `matches`. */
    next: <N extends LiveState['name']>(
      name: N,
      matches: (state: Extract<LiveState, { name: N }>) => boolean = () => true,
    ) =>
      new Promise<Extract<LiveState, { name: N }>>((resolve) => {
        session.on('state', (state) => {
          const own = state as Extract<LiveState, { name: N }>;
          if (state.name === name && matches(own)) resolve(own);
        });
      }),
  };
}

export async function collect(captions: AsyncIterable<Caption>): Promise<Caption[]> {
  const all: Caption[] = [];
  for await (const caption of captions) all.push(caption);
  return all;
}

/** Text of all finals. */
export function textOf(captions: readonly Caption[]): string {
  return captions.flatMap((each) => (each.type === 'final' ? [each.text] : [])).join(' ');
}
