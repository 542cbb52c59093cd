import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame } from '../../../src/hosts/frame.js';
import { decodeCall, decodeReport, encodeCall } from '../../../src/hosts/messages.js';
import { subjectsOf, tokenOf } from '../../../src/hosts/subjects.js';
import { decodeOptions } from '../../support/audio-window.js';

const windows = fc.record(
  {
    sessionId: fc.string(),
    lane: fc.constantFrom('final', 'partial', 'batch'),
    tenant: fc.string(),
    model: fc.string(),
    failures: fc.nat(9),
    pcm: fc.int16Array({ maxLength: 2_000 }),
    options: fc.record({
      ...Object.fromEntries(
        Object.entries(decodeOptions).map(([key, value]) => [key, fc.constant(value)]),
      ),
      prompt: fc.string({ unit: 'grapheme' }),
      audioContext: fc.nat(1_500),
      temperature: fc.double({ min: 0, max: 1, noNaN: true }),
      tail: fc.option(fc.record({ dense: fc.nat(9), stride: fc.nat(9) })),
    }),
  },
  { requiredKeys: ['sessionId', 'lane', 'model', 'failures', 'pcm', 'options'] },
);

describe('the wire between gateways and hosts', () => {
  test('a window arrives as it was sent', () => {
    const from = { gateway: 'a', epoch: 3 };
    fc.assert(
      fc.property(windows, (window) => {
        // JSON knows no other zero.
        fc.pre(!Object.is(window.options.temperature, -0));
        const call = { kind: 'transcribe', from, window: window as never } as const;
        expect(decodeCall(encodeCall(call))).toEqual(call);
      }),
    );
  });

  test('samples arrive that are a view, at whatever address their frame lies', () => {
    const pcm = new Int16Array([1, -2, 3, -4, 5]).subarray(1, 4);
    const window = {
      sessionId: 's',
      lane: 'final',
      model: 'm',
      options: decodeOptions,
      pcm,
    } as const;
    const sent = encodeCall({ kind: 'transcribe', from: { gateway: 'a', epoch: 0 }, window });
    for (const offset of [0, 1, 2, 3]) {
      const received = new Uint8Array(sent.length + offset);
      received.set(sent, offset);
      const call = decodeCall(received.subarray(offset));
      expect(call).toMatchObject({ window: { pcm: new Int16Array([-2, 3, -4]) } });
    }
  });

  test('the largest window leaves most of its head to the prompt', () => {
    const call = {
      kind: 'transcribe',
      from: { gateway: 'g'.repeat(36), epoch: 0 },
      window: {
        sessionId: 's'.repeat(36),
        lane: 'final',
        model: 'm'.repeat(100),
        failures: 0,
        options: decodeOptions,
        pcm: new Int16Array(480_000),
      },
    } as const;
    expect(encodeCall(call).length).toBeLessThan(961_000);
  });

  test('anything else is refused as such, and never read beyond its end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          decodeCall(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad_message' });
        }
      }),
    );
    const frame = encodeFrame({ kind: 'probe' });
    const cut = frame.subarray(0, frame.length - 1);
    expect(() => decodeFrame(cut)).toThrow(expect.objectContaining({ code: 'bad_message' }));
  });

  test('a host of another version is told from one that talks nonsense', () => {
    expect(decodeReport('{"wire":99}')).toBeNull();
    expect(() => decodeReport('{"wire":1}')).toThrow();
    expect(() => decodeReport('no')).toThrow();
  });

  test('every name of a model is one token of a subject, and no two share one', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'grapheme' }),
        (one, other) => {
          expect(tokenOf(one)).toMatch(/^[A-Za-z0-9_-]+$/);
          if (one !== other) expect(tokenOf(one)).not.toBe(tokenOf(other));
        },
      ),
    );
    expect(subjectsOf('p').model('large-v3.q5 *')).toBe('p.windows.large-v3_2eq5_20_2a');
  });
});
