import { describe, expect, onTestFinished, test } from 'vitest';
import type { AccessOptions } from '../../../src/access/access-options.js';
import { noLimits } from '../../../src/access/api-key.js';
import { Access, trustedProxies } from '../../../src/access/index.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const free = { maxConnections: 0, requestsAMinute: 0, audioSecondsADay: 0 };

function open(options: Partial<AccessOptions> = {}): Access {
  const access = new Access(
    {
      folder: temporaryFolder(),
      apiKey: 'open sesame',
      openAccess: false,
      allowedOrigins: [],
      trustedProxies: trustedProxies([]),
      maxTokenMs: 60_000,
      key: { ...free, maxUploadBytes: 0 },
      address: free,
      failuresAMinute: 0,
      ...options,
    },
    { info: () => {}, warn: () => {} },
  );
  onTestFinished(() => access.close());
  return access;
}

const request = (key: string, remoteAddress = '192.0.2.1') => ({
  headers: { authorization: `Bearer ${key}` },
  socket: { remoteAddress },
});

describe('access', () => {
  test('limits a key as it says itself, also where its jobs were heard of before it', () => {
    const access = open();
    const limits = { ...noLimits, requestsAMinute: 1, audioSecondsADay: 60 };
    const asked = { name: 'a', scopes: ['jobs'], limits, expiresAtMs: null } as const;
    const { key, apiKey } = access.createKey(asked, 'operator');
    // As a job does that an earlier start of the gateway has left.
    access.heard(apiKey.id, 60_000);
    const caller = access.admit(request(key), 'jobs');
    expect(() => access.requireAudio(caller)).toThrow(/60 seconds of audio/);
    expect(() => access.admit(request(key), 'jobs')).toThrow(/1 times a minute/);
  });
});
