import type { Look, TappedTrack } from '../page/page-messages.js';

/** What is used of jitsi-meet's `APP`, which its own tests use as well. */
interface JitsiApp {
  readonly conference: { isJoined(): boolean };
  readonly store: { getState(): Readonly<Record<string, unknown>> };
}

interface JitsiParticipant {
  readonly id: string;
  readonly name?: string;
  /** Screens that are shared, and the like. */
  readonly fakeParticipant?: unknown;
}

interface JitsiTrack {
  readonly local: boolean;
  readonly mediaType: string;
  readonly participantId: string;
  readonly jitsiTrack: { getTrack(): MediaStreamTrack };
}

/**
 * Who is in a Jitsi meeting. Of a participant's tracks only the one in use is in the store, so that
 * nobody is heard twice while a meeting changes between peer-to-peer and the bridge. A bridge may
 * give a track to somebody else, which the store says as well.
 */
export function lookAtJitsi(tracks: TappedTrack[]): Look {
  const { APP } = globalThis as unknown as { APP: JitsiApp };
  const state = APP.store.getState();
  const { remote } = state['features/base/participants'] as {
    remote: ReadonlyMap<string, JitsiParticipant>;
  };
  const participants = [...remote.values()]
    .filter(({ fakeParticipant }) => !fakeParticipant)
    .map(({ id, name }) => ({ id, name: name ?? null }));
  const owners: Record<string, string> = {};
  for (const each of state['features/base/tracks'] as readonly JitsiTrack[]) {
    if (each.local || each.mediaType !== 'audio') continue;
    const native = each.jitsiTrack.getTrack();
    const tapped = tracks.find(({ track }) => track === native);
    if (tapped) owners[tapped.key] = each.participantId;
  }
  return { joined: APP.conference.isJoined(), participants, owners };
}
