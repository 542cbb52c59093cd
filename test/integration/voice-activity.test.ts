import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { frameSamples, type VoiceActivity } from '../../src/audio/index.js';
import type { VoiceActivityProcess } from '../../src/engine/index.js';
import type { GatewayError } from '../../src/errors/index.js';
import { jfkSamples } from '../support/jfk-samples.js';
import { startVoiceActivity, voiceActivityModelPath } from '../support/native-engine.js';

const frames = Math.floor(jfkSamples.length / frameSamples);

/** Frames from `start` up to `end`. */
function speech(start: number, end: number): Int16Array {
  return jfkSamples.subarray(start * frameSamples, end * frameSamples);
}

/** The whole clip, `step` frames a call. */
async function heard(session: VoiceActivity, step: number): Promise<number[]> {
  const calls: Promise<Float32Array>[] = [];
  for (let at = 0; at < frames; at += step) {
    calls.push(session.probabilities(speech(at, Math.min(frames, at + step))));
  }
  return (await Promise.all(calls)).flatMap((part) => [...part]);
}

function kill(voiceActivity: VoiceActivityProcess): void {
  process.kill(voiceActivity.pid as number, 'SIGKILL');
}

function failure(promise: Promise<unknown>): Promise<GatewayError> {
  return promise.then(
    () => expect.fail('It settled without an error.'),
    (error: GatewayError) => error,
  );
}

describe('voice activity', () => {
  test('is high in speech and low before it, one value a frame', async () => {
    const { create } = await startVoiceActivity();
    const probabilities = await heard(await create(), 10);
    expect(probabilities).toHaveLength(frames);
    const mean = (part: number[]) => part.reduce((sum, value) => sum + value, 0) / part.length;
    // He begins after a third of a second, and speaks for most of the clip.
    expect(mean(probabilities.slice(0, 8))).toBeLessThan(0.3);
    expect(mean(probabilities.slice(12))).toBeGreaterThan(0.6);
    for (const value of probabilities) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
    }
  });

  test('is the same whatever the size of the pieces', async () => {
    const { create } = await startVoiceActivity();
    const whole = await heard(await create(), frames);
    expect(await heard(await create(), 1)).toEqual(whole);
    expect(await heard(await create(), 7)).toEqual(whole);
  });

  test('is each session’s own, also where sessions take turns', async () => {
    const { create } = await startVoiceActivity();
    const alone = await heard(await create(), 5);
    const sessions = await Promise.all(Array.from({ length: 8 }, () => create()));
    for (const beside of await Promise.all(sessions.map((session) => heard(session, 5)))) {
      expect(beside).toEqual(alone);
    }
  });

  test('refuses what is no whole number of frames, and goes on', async () => {
    const { create } = await startVoiceActivity();
    const session = await create();
    expect((await failure(session.probabilities(new Int16Array(100)))).code).toBe(
      'invalid_argument',
    );
    expect(await session.probabilities(new Int16Array(frameSamples))).toHaveLength(1);
  });

  test('has a limit of sessions, and gives the place of a closed one away', async () => {
    const voiceActivity = await startVoiceActivity({ maxSessions: 2 });
    const first = await voiceActivity.create();
    await voiceActivity.create();
    expect((await failure(voiceActivity.create())).code).toBe('too_many_connections');
    await first.probabilities(speech(0, 1));
    await Promise.all([first.close(), first.close()]);
    expect(voiceActivity.sessions).toBe(1);
    await voiceActivity.create();
    expect((await failure(first.probabilities(speech(0, 1)))).code).toBe('voice_activity_failed');
  });
});

describe('a voice-activity process that is killed', () => {
  test('between two pieces is replaced, and the session goes on as if nothing had been', async () => {
    const voiceActivity = await startVoiceActivity();
    const undisturbed = await heard(await voiceActivity.create(), 1);

    const session = await voiceActivity.create();
    const before = await session.probabilities(speech(0, 150));
    kill(voiceActivity);
    const after = await session.probabilities(speech(150, frames));
    expect(voiceActivity.restarts).toBe(1);

    const interrupted = [...before, ...after];
    expect(interrupted).toHaveLength(undisturbed.length);
    for (const [frame, value] of interrupted.entries()) {
      expect(Math.abs(value - (undisturbed[frame] as number)), `frame ${frame}`).toBeLessThan(0.1);
    }
  });

  test('with calls under way answers each of them in order', async () => {
    const voiceActivity = await startVoiceActivity();
    const undisturbed = await heard(await voiceActivity.create(), 10);
    const sessions = await Promise.all(Array.from({ length: 4 }, () => voiceActivity.create()));
    const running = Promise.all(sessions.map((session) => heard(session, 10)));
    kill(voiceActivity);
    for (const probabilities of await running) {
      expect(probabilities).toHaveLength(frames);
      const off = probabilities.filter(
        (value, frame) => Math.abs(value - (undisturbed[frame] as number)) > 0.1,
      );
      expect(off).toEqual([]);
    }
  });

  test('and hangs is replaced as well', async () => {
    const voiceActivity = await startVoiceActivity({ requestTimeoutMs: 2_000 });
    const session = await voiceActivity.create();
    await session.probabilities(speech(0, 10));
    process.kill(voiceActivity.pid as number, 'SIGSTOP');
    expect(await session.probabilities(speech(10, 20))).toHaveLength(10);
    expect(voiceActivity.restarts).toBe(1);
  });

  test('and cannot be replaced fails its sessions', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'voice-activity-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const modelPath = join(folder, 'model.bin');
    await copyFile(voiceActivityModelPath, modelPath);
    const voiceActivity = await startVoiceActivity({ modelPath, startTimeoutMs: 5_000 });
    const session = await voiceActivity.create();
    await session.probabilities(speech(0, 10));
    await rm(modelPath);
    kill(voiceActivity);
    const error = await failure(session.probabilities(speech(10, 20)));
    expect(error.code).toBe('voice_activity_failed');
  });

  test('by its owner takes its sessions with it', async () => {
    const voiceActivity = await startVoiceActivity();
    const session = await voiceActivity.create();
    await session.probabilities(speech(0, 10));
    await Promise.all([voiceActivity.close(), voiceActivity.close()]);
    expect((await failure(session.probabilities(speech(0, 1)))).code).toBe('voice_activity_failed');
    expect((await failure(voiceActivity.create())).code).toBe('engine_unavailable');
    expect(voiceActivity.sessions).toBe(0);
    expect(voiceActivity.pid).toBeNull();
  });
});
