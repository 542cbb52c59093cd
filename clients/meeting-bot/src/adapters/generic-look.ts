import type { Look, TappedTrack } from '../page/page-messages.js';

/** CSS selectors of a page, where guessing is not enough. */
export interface GenericSettings {
  /** What holds one participant: their media element and their name. */
  readonly tile: string | null;
  /** The name within the tile. */
  readonly tileName: string | null;
  /** What is to be seen in the meeting only. */
  readonly joined: string | null;
}

/**
 * Who is in a meeting of which nothing is known: everybody who can be heard. A name is looked for at
 * the element that plays a track and at what is around it; who has none gets a number later.
 */
export function lookAtAnyPage(
  tracks: TappedTrack[],
  { tile, tileName, joined }: GenericSettings,
): Look {
  /** So far around the playing element a name may stand. */
  const maxLevels = 4;

  function nameFrom(element: Element): string | null {
    if (tile && tileName) {
      const name = element.closest(tile)?.querySelector(tileName)?.textContent?.trim();
      if (name) return name;
    }
    let at: Element | null = element;
    for (let level = 0; at && at !== document.body && level < maxLevels; level++) {
      const { participantName, participant, name } = (at as HTMLElement).dataset;
      const found = participantName ?? participant ?? name ?? at.getAttribute('aria-label');
      if (found?.trim()) return found.trim();
      const caption = at.querySelector('figcaption')?.textContent?.trim();
      if (caption) return caption;
      at = at.parentElement;
    }
    return null;
  }

  const players = [...document.querySelectorAll<HTMLMediaElement>('audio, video')];
  const names = new Map<string, string | null>();
  const owners: Record<string, string> = {};
  for (const { key, track, streamId } of tracks) {
    const player = players.find(
      ({ srcObject }) =>
        srcObject instanceof MediaStream && srcObject.getAudioTracks().includes(track),
    );
    // Camera and shared screen of one participant may be two streams; each is heard by itself.
    const id = streamId ?? key;
    owners[key] = id;
    names.set(id, names.get(id) ?? (player ? nameFrom(player) : null));
  }
  const sign = joined ? document.querySelector<HTMLElement>(joined) : null;
  return {
    joined: joined ? sign !== null && sign.getClientRects().length > 0 : true,
    participants: [...names].map(([id, name]) => ({ id, name })),
    owners,
  };
}
