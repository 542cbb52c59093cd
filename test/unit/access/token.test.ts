import { describe, expect, test } from 'vitest';
import { digestOf, keyIdOf, newSecretKey, sameDigest } from '../../../src/access/secret-key.js';
import { readToken, signingKeyOf, writeToken } from '../../../src/access/token.js';

const claims = { key: 'k', scopes: ['watch'], room: 'hall', expiresAtMs: 1_000 } as const;
const signingKey = signingKeyOf('a secret', digestOf('a key'));

describe('tokens', () => {
  test('say what was put into them, to whoever has the key', () => {
    const read = readToken(writeToken(claims, signingKey));
    expect(read?.claims).toEqual(claims);
    expect(read?.isSignedBy(signingKey)).toBe(true);
    expect(read?.isSignedBy(signingKeyOf('another secret', digestOf('a key')))).toBe(false);
    expect(read?.isSignedBy(signingKeyOf('a secret', digestOf('another key')))).toBe(false);
  });

  test('that were changed anywhere are signed by nobody', () => {
    const token = writeToken(claims, signingKey);
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'A' ? 'B' : 'A';
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      // The last characters of base64 may hold bits that say nothing; the text is compared, not the bytes.
      expect(readToken(changed)?.isSignedBy(signingKey) ?? false).toBe(false);
    }
    const more = Buffer.from(JSON.stringify({ k: 'k', s: ['watch', 'jobs'], r: null, e: 9e12 }));
    const forged = `wgt_${more.toString('base64url')}.${token.split('.')[1]}`;
    expect(readToken(forged)?.isSignedBy(signingKey)).toBe(false);
  });

  test.each(['', 'wgt_', 'wgt_e30.', 'wgt_!!.x', `wgt_e30.${'a'.repeat(43)}`, 'wg_1_x'])(
    'what is none is not read: %j',
    (text) => expect(readToken(text)).toBe(null),
  );
});

describe('keys', () => {
  test('are random, and known by an id that tells nothing of them', () => {
    const [one, other] = [newSecretKey(), newSecretKey()];
    expect(one.key).not.toBe(other.key);
    expect(keyIdOf(one.key)).toBe(one.id);
    expect(one.digest).toBe(digestOf(one.key));
    expect(one.digest).not.toContain(one.id);
    expect(keyIdOf(`${one.key}x`)).toBe(null);
  });

  test('are compared by digests, of whatever length they are', () => {
    expect(sameDigest(digestOf('a'), digestOf('a'))).toBe(true);
    expect(sameDigest(digestOf('a'), digestOf('b'))).toBe(false);
    expect(sameDigest(digestOf('a'), 'short')).toBe(false);
  });
});
