import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A key as its owner has it, and what of it is kept. */
export interface NewSecretKey {
  /** Public: it names the key in lists and logs. */
  readonly id: string;
  /** Shown once, and kept nowhere. */
  readonly key: string;
  readonly digest: string;
}

const keyPattern = /^wg_([0-9a-f]{16})_[\w-]{43}$/;

/** A key of 256 random bits, which nobody guesses: a plain digest keeps it as safe as a slow one would. */
export function newSecretKey(): NewSecretKey {
  const id = randomBytes(8).toString('hex');
  const key = `wg_${id}_${randomBytes(32).toString('base64url')}`;
  return { id, key, digest: digestOf(key) };
}

/** The public part of a key; null of what is none. */
export function keyIdOf(key: string): string | null {
  return keyPattern.exec(key)?.[1] ?? null;
}

/** In hexadecimal. Digests have one length, as a comparison in constant time needs. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Whether two digests are the same; takes the same time wherever they differ. */
export function sameDigest(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
