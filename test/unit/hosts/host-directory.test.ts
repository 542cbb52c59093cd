import { expect, test } from 'vitest';
import { HostDirectory } from '../../../src/hosts/host-directory.js';
import type { HostReport } from '../../../src/hosts/messages.js';

function report(instance: string, given: Partial<HostReport> = {}): HostReport {
  return {
    wire: 1,
    instance,
    name: instance,
    version: 'test',
    epoch: 0,
    state: 'serving',
    ready: true,
    slots: 2,
    running: 0,
    waiting: 0,
    taken: {},
    models: [{ name: 'base', since: 0, languages: null, loaded: true }],
    device: 'cpu',
    backend: 'cpu',
    gpus: 0,
    restarts: 0,
    notes: [],
    ...given,
  };
}

function directory() {
  const lost: string[] = [];
  const known = new HostDirectory('me', ({ name }, reason) => lost.push(`${name} ${reason}`));
  return { known, lost };
}

test('whoever has least to do for its slots is next, what others ask of it included', () => {
  const { known } = directory();
  known.heard(report('small'), 0);
  known.heard(report('large', { slots: 8 }), 0);
  known.count('small', 1);
  expect(known.pick('base')?.name).toBe('large');
  for (let window = 0; window < 3; window++) known.count('large', 1);
  // One of two slots is as much as four of eight.
  expect(known.pick('base')?.name).toBe('large');
  known.heard(report('large', { slots: 8, taken: { me: 3, another: 5 } }), 0);
  expect(known.pick('base')?.name).toBe('small');
});

test('of two that are equal the one goes first that need not load the model', () => {
  const { known } = directory();
  const models = [{ name: 'base', since: 0, languages: null, loaded: false }];
  known.heard(report('cold', { models }), 0);
  known.heard(report('warm'), 0);
  expect(known.pick('base')?.name).toBe('warm');
  known.count('warm', 1);
  expect(known.pick('base')?.name).toBe('cold');
  expect(known.pick('other')).toBeNull();
});

test('who refused is left alone until it reports again', () => {
  const { known } = directory();
  known.heard(report('a'), 0);
  known.avoid('a');
  expect(known.pick('base')).toBeNull();
  expect(known.hosts[0]?.usable).toBe(false);
  known.heard(report('a'), 10);
  expect(known.pick('base')?.name).toBe('a');
});

test('who drains, or is down itself, is asked for nothing', () => {
  const { known } = directory();
  known.heard(report('a', { state: 'draining' }), 0);
  known.heard(report('b', { ready: false }), 0);
  expect(known.pick('base')).toBeNull();
});

test('three reports that do not come are the end of a host; one that leaves says so', () => {
  const { known, lost } = directory();
  known.heard(report('silent'), 0);
  known.heard(report('leaving'), 2_000);
  known.forgetSilent(3_000);
  expect(lost).toEqual([]);
  known.forgetSilent(3_001);
  known.heard(report('leaving', { state: 'gone' }), 3_100);
  expect(lost).toEqual(['silent silent', 'leaving left']);
  expect(known.hosts).toEqual([]);
});

test('a host that connected anew has lost what it was doing, and is still there', () => {
  const { known, lost } = directory();
  known.heard(report('a'), 0);
  known.heard(report('a', { epoch: 1 }), 100);
  expect(lost).toEqual(['a reconnected']);
  expect(known.pick('base')?.name).toBe('a');
});
