/** What somebody wrote instead, by the number of the sentence; an empty text takes it out. */
export type Edits = ReadonlyMap<number, string>;

/** Of each job on its own, so that deleting one deletes nothing else. */
const keyOf = (id: string) => `whisper-gateway-edits/${id}`;

/** The edits of a job that this browser has. */
export function readEdits(id: string): Edits {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(id)) ?? '[]') as [number, string][];
    return new Map(kept);
  } catch {
    return new Map();
  }
}

/** @returns Whether the browser keeps them. */
export function keepEdits(id: string, edits: Edits): boolean {
  try {
    if (edits.size === 0) localStorage.removeItem(keyOf(id));
    else localStorage.setItem(keyOf(id), JSON.stringify([...edits]));
    return true;
  } catch {
    return false;
  }
}

export function forgetEdits(id: string): void {
  keepEdits(id, new Map());
}
