import { describe, expect, test } from 'vitest';
import { audioClock } from '../../../clients/js/src/audio-clock.js';
import { HeldAudio } from '../../../clients/js/src/held-audio.js';
import { type Gap, Recording } from '../../../clients/js/src/recording.js';
import { rawLayout } from '../../../src/audio/index.js';

const pcm = { format: 'pcm_s16le', sample_rate: 16_000, channels: 1 };

test.each(['pcm_s16le', 'pcm_f32le', 'mulaw', 'alaw'])(
  '%s is counted as the gateway does',
  (format) => {
    const { frameBytes, sampleRate } = rawLayout({ format }) ?? expect.fail();
    const clock = audioClock({ format });
    expect(clock?.frameBytes).toBe(frameBytes);
    expect(clock?.toPlace(1_000)).toBe(frameBytes * sampleRate);
  },
);

describe('HeldAudio', () => {
  test('reads from any place, across pieces', () => {
    const held = new HeldAudio(100);
    held.push(Uint8Array.of(0, 1, 2));
    held.push(Uint8Array.of(3, 4));
    expect([...(held.read(1, 10) ?? [])]).toEqual([1, 2]);
    expect([...(held.read(3, 1) ?? [])]).toEqual([3]);
    expect(held.read(5, 10)).toBeNull();
  });

  test('drops the oldest beyond its limit, within a piece as well', () => {
    const held = new HeldAudio(4);
    held.push(Uint8Array.of(0, 1, 2));
    held.push(Uint8Array.of(3, 4, 5));
    expect([held.start, held.end]).toEqual([2, 6]);
    expect([...(held.read(2, 10) ?? [])]).toEqual([2]);
    held.dropBefore(100);
    expect([held.start, held.end]).toEqual([6, 6]);
  });
});

describe('Recording', () => {
  test('a new session begins with what is not safe yet, on the clock of the whole', () => {
    const { recording } = record(4_000);
    expect(sentMs(recording)).toBe(4_000);
    recording.setSafe(1_500);
    recording.beginSession();
    expect(sentMs(recording)).toBe(2_500);
    expect(recording.toRecordingMs(0)).toBe(1_500);
    expect(recording.toRecordingMs(1_000)).toBe(2_500);
    // Safe times are the new session's own.
    recording.setSafe(500);
    recording.beginSession();
    expect(recording.toRecordingMs(0)).toBe(2_000);
  });

  test('a resumed session goes on where the gateway is', () => {
    const { recording } = record(4_000);
    sentMs(recording);
    recording.resumeAt(3_000, undefined);
    expect(sentMs(recording)).toBe(1_000);
    recording.resumeAt(0, 16_000 * 2 * 2 + 2);
    expect(sentMs(recording)).toBe(2_000 - 1 / 16);
  });

  test('what was dropped unsent is a gap, after which the clocks agree again', () => {
    const { recording, gaps } = record(1_000);
    sentMs(recording);
    recording.push(new Uint8Array(14_000 * 32));
    expect(sentMs(recording)).toBe(10_000);
    expect(gaps).toEqual([{ start_ms: 1_000, end_ms: 5_000 }]);
    expect(recording.toRecordingMs(999)).toBe(999);
    expect(recording.toRecordingMs(1_000)).toBe(5_000);
    // The gap lies on both sides of a new session's beginning only once.
    recording.setSafe(2_000);
    recording.beginSession();
    expect(sentMs(recording)).toBe(9_000);
    expect(gaps).toHaveLength(1);
  });

  test('a dropped sample is dropped as a whole', () => {
    const { recording, gaps } = record(0);
    recording.push(new Uint8Array(10_000 * 32));
    recording.push(new Uint8Array(1));
    expect(recording.next(3)?.byteLength).toBe(3);
    expect(recording.sent % 2).toBe(1);
    expect(gaps).toEqual([{ start_ms: 0, end_ms: 0 }]);
  });

  test('a container goes on from now', () => {
    const gaps: Gap[] = [];
    const recording = new Recording({ format: 'auto' }, 10_000, (gap) => gaps.push(gap));
    recording.beginSession();
    recording.push(Uint8Array.of(1, 2, 3));
    expect(recording.next(10)?.byteLength).toBe(3);
    recording.push(Uint8Array.of(4));
    recording.beginSession();
    expect(recording.next(10)).toBeNull();
    expect(gaps).toHaveLength(1);
    recording.push(Uint8Array.of(5));
    expect([...(recording.next(10) ?? [])]).toEqual([5]);
  });
});

/** A recording of so many ms, which holds ten seconds. */
function record(ms: number) {
  const gaps: Gap[] = [];
  const recording = new Recording(pcm, 10_000, (gap) => gaps.push(gap));
  for (let at = 0; at < ms; at += 100) recording.push(new Uint8Array(100 * 32));
  return { recording, gaps };
}

/** Sends all there is. */
function sentMs(recording: Recording): number {
  let bytes = 0;
  for (let piece = recording.next(64_000); piece; piece = recording.next(64_000)) {
    bytes += piece.byteLength;
  }
  return bytes / 32;
}
