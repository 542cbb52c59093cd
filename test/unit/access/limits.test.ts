import { describe, expect, test } from 'vitest';
import { Allowance } from '../../../src/access/allowance.js';
import { addressGroup, clientAddress, trustedProxies } from '../../../src/access/client-address.js';
import { Failures } from '../../../src/access/failures.js';
import { judgeOrigin } from '../../../src/access/origins.js';
import type { AccessRequest } from '../../../src/access/presented-key.js';
import { createRate } from '../../../src/access/rate.js';
import { dayOf, msLeftOfDay } from '../../../src/access/usage.js';

const noon = Date.UTC(2026, 10, 23, 12);
const free = { maxConnections: 0, requestsAMinute: 0, audioSecondsADay: 0 };
const from = (headers: AccessRequest['headers'], remoteAddress = '192.0.2.9') => ({
  headers,
  socket: { remoteAddress },
});

describe('a rate', () => {
  test('gives a minute’s worth at once, and then one after the other', () => {
    const rate = createRate(6);
    expect(Array.from({ length: 6 }, () => rate.take(noon))).toEqual([0, 0, 0, 0, 0, 0]);
    expect([rate.wait(noon), rate.take(noon)]).toEqual([10_000, 10_000]);
    expect(rate.take(noon + 9_000)).toBe(1_000);
    expect(rate.take(noon + 10_000)).toBe(0);
    expect(rate.take(noon + 10_000)).toBe(10_000);
    expect([rate.isFull(noon + 60_000), rate.isFull(noon + 70_000)]).toEqual([false, true]);
  });

  test('is not empty for longer than ever where the clock is put back', () => {
    const rate = createRate(6);
    rate.take(noon);
    const yesterday = noon - 86_400_000;
    expect(rate.wait(yesterday)).toBe(10_000);
    expect(rate.take(yesterday + 10_000)).toBe(0);
    expect(rate.isFull(yesterday + 80_000)).toBe(true);
  });
});

describe('an allowance', () => {
  test('of audio is new every day, and begins with what was taken before', () => {
    const allowance = new Allowance('This key', { ...free, audioSecondsADay: 60 }, noon, 50_000);
    allowance.requireAudio(noon);
    allowance.heard(10_000, noon);
    expect(() => allowance.requireAudio(noon)).toThrow(
      expect.objectContaining({ code: 'insufficient_quota', retryAfterMs: 12 * 3_600_000 }),
    );
    allowance.requireAudio(noon + 12 * 3_600_000);
  });

  test('of connections is free again when one is left; 0 is no limit', () => {
    const one = new Allowance('This key', { ...free, maxConnections: 1 }, noon);
    one.connected();
    expect(() => one.requirePlace()).toThrow(
      expect.objectContaining({ code: 'too_many_connections' }),
    );
    expect(one.isFresh(noon)).toBe(false);
    one.disconnected();
    one.requirePlace();
    expect(one.isFresh(noon)).toBe(true);
    const any = new Allowance('This key', free, noon);
    for (let count = 0; count < 1_000; count++) any.connected();
    any.requirePlace();
    any.request(noon);
  });

  test('days are those of UTC', () => {
    expect([dayOf(noon), msLeftOfDay(noon)]).toEqual(['2026-11-23', 12 * 3_600_000]);
  });
});

test('failures are counted for each address, up to a limit of addresses', () => {
  const failures = new Failures(1);
  expect(failures.note('a', noon)).toBe(true);
  expect(failures.note('a', noon)).toBe(false);
  expect(failures.refusal('a', noon)).toMatchObject({ code: 'rate_limit_exceeded' });
  expect(failures.refusal('b', noon)).toBe(null);
  expect(failures.refusal('a', noon + 60_000)).toBe(null);
  for (let address = 0; address < 10_001; address++) failures.note(`${address}`, noon);
  expect(failures.refusal('a', noon)).toBe(null);
});

describe('addresses', () => {
  test('are those of the socket, unless a trusted proxy says another', () => {
    const proxies = trustedProxies(['10.0.0.0/8', '::1']);
    const forwarded = { 'x-forwarded-for': '6.6.6.6, 192.0.2.1, 10.1.1.1' };
    expect(clientAddress(from(forwarded), proxies)).toBe('192.0.2.9');
    expect(clientAddress(from(forwarded, '10.2.2.2'), proxies)).toBe('192.0.2.1');
    expect(clientAddress(from(forwarded, '::ffff:10.2.2.2'), proxies)).toBe('192.0.2.1');
    expect(clientAddress(from({ 'x-forwarded-for': 'nonsense' }, '::1'), proxies)).toBe('::1');
    expect(clientAddress(from({}, '10.2.2.2'), proxies)).toBe('10.2.2.2');
    for (const wrong of [
      'nonsense',
      '10.0.0.0/',
      '10.0.0.0/8x',
      '10.0.0.0/33',
      '::/129',
      '10.0.0.0/8/8',
    ])
      expect(() => trustedProxies([wrong])).toThrow(`"${wrong}"`);
  });

  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s counts as %s', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});

describe('origins', () => {
  const rules = { allowedOrigins: ['https://app.example'], localNamesOnly: false };
  const host = 'captions.example';

  test.each([
    [undefined, 'same_origin'],
    ['https://captions.example', 'same_origin'],
    ['http://captions.example', 'same_origin'],
    ['https://app.example', 'allowed'],
    ['https://captions.example:444', 'refused'],
    ['https://captions.example.evil.example', 'refused'],
    ['null', 'refused'],
  ])('%s: %s', (origin, verdict) => {
    expect(judgeOrigin(from({ host, ...(origin && { origin }) }), rules)).toBe(verdict);
  });

  test.each([
    ['127.0.0.1:8080', 'same_origin'],
    ['localhost', 'same_origin'],
    ['[::1]:8080', 'same_origin'],
    ['app.example', 'same_origin'],
    ['captions.example', 'refused'],
    ['127.0.0.1.evil.example', 'refused'],
  ])('without keys, a gateway that is called %s: %s', (name, verdict) => {
    const local = { ...rules, localNamesOnly: true };
    expect(judgeOrigin(from({ host: name, origin: `http://${name}` }), local)).toBe(verdict);
  });
});
