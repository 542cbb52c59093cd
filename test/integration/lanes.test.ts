import { describe, expect, onTestFinished, test } from 'vitest';
import { createDecoderFactory, findFfmpeg } from '../../src/audio/index.js';
import { loadConfig } from '../../src/config/index.js';
import type { Hypothesis, VoiceActivityProcess, WorkerPool } from '../../src/engine/index.js';
import { asHeard } from '../../src/post-processing/index.js';
import { clientMessageSchema, type StartTranscription } from '../../src/protocol/index.js';
import { createScheduler, type Scheduler } from '../../src/scheduler/index.js';
import { AudioProcessor, type NumberedEvent } from '../../src/session/index.js';
import { audioWindow } from '../support/audio-window.js';
import { jfkText } from '../support/jfk.js';
import { jfkSamples } from '../support/jfk-samples.js';
import { startVoiceActivity, startWorkerPool } from '../support/native-engine.js';
import { schedulerOptions } from '../support/scheduler-options.js';
import { countErrors } from '../support/word-error-rate.js';

/** The real worker behind a scheduler that counts how often batch work makes way. */
async function startScheduler(slots: number) {
  // One thread each: with more, sums are added up in another order, and texts might differ.
  const engine = await startWorkerPool({ slots, threads: 1 });
  const seen = { preempted: 0, outcomes: [] as string[] };
  const scheduler = createScheduler({
    ...schedulerOptions,
    engine,
    hooks: {
      onPreempted: ({ lane }) => {
        if (lane === 'batch') seen.preempted++;
      },
      onSettled: ({ lane, outcome }) => seen.outcomes.push(`${lane} ${outcome}`),
    },
  });
  onTestFinished(() => scheduler.close());
  return { engine, scheduler, seen };
}

const fileWindow = audioWindow({
  sessionId: 'file',
  lane: 'batch',
  pcm: jfkSamples,
  // The context cut to the window, which is quicker.
  options: { audioContext: 678 },
});

function submitFile(scheduler: Scheduler, windows: number, signal?: AbortSignal) {
  return Array.from({ length: windows }, () =>
    scheduler.submit({ window: fileWindow, key: 'files', ...(signal && { signal }) }),
  );
}

/** The clip streamed as a live session; its events when it has stopped. */
async function streamLive(
  scheduler: Scheduler,
  engine: WorkerPool,
  voiceActivity: VoiceActivityProcess,
): Promise<NumberedEvent[]> {
  const config = loadConfig({}, {});
  const ffmpeg = await findFfmpeg(undefined);
  const log = { info() {}, warn() {}, error() {}, debug() {} };
  const events: NumberedEvent[] = [];
  const session = new AudioProcessor(
    'live',
    {
      createDecoder: createDecoderFactory({ ...config, ffmpeg, onChild() {}, log }),
      createVoiceActivity: voiceActivity.create,
      submit: (window, signal, onStarted) =>
        scheduler.submit({ window, signal, ...(onStarted && { onStarted }) }),
      postProcessing: () => asHeard,
      metrics: {
        decoded() {},
        committed() {},
        endpointToFinal() {},
        retracted() {},
        shed() {},
        failed() {},
        unbalanced: () => expect.fail('a ledger does not balance'),
        stopped() {},
        shown() {},
      },
      leaseModel: async () => ({ model: 'base-q8_0', engine, release() {} }),
      log,
    },
    { ...config, chunker: config },
    (event) => events.push(event),
  );
  const start = { type: 'start_transcription', language: 'en', audio: { format: 'pcm_s16le' } };
  session.start(clientMessageSchema.parse(start) as StartTranscription);
  const bytes = new Uint8Array(jfkSamples.buffer);
  for (let offset = 0; offset < bytes.length; offset += 32_000) {
    if (!session.write(bytes.subarray(offset, offset + 32_000))) await session.drained();
  }
  session.stop();
  await session.stopped;
  return events;
}

const textOf = ({ segments }: Hypothesis) => segments.map(({ text }) => text).join('');

describe('a live stream beside a file that keeps the machine busy', () => {
  test.each([1, 2])(
    'is heard whole with %i slots, and the file after it as if alone',
    async (slots) => {
      const { engine, scheduler, seen } = await startScheduler(slots);
      const alone = textOf(await engine.transcribe(fileWindow, new AbortController().signal));
      const voiceActivity = await startVoiceActivity({ maxSessions: 1 });
      const file = submitFile(scheduler, 6);
      const events = await streamLive(scheduler, engine, voiceActivity);
      const finals = events.flatMap((event) => (event.type === 'final' ? [event.text] : []));
      expect(countErrors(jfkText, finals.join(' ')).edits, finals.join(' ')).toBeLessThanOrEqual(1);
      expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
      // The file was at work when the stream began, and made way where that was the only slot.
      if (slots === 1) expect(seen.preempted).toBeGreaterThan(0);

      for (const window of await Promise.all(file)) expect(textOf(window)).toBe(alone);
      expect(scheduler.stats).toMatchObject({ failed_tasks: 0, active_tasks: 0 });
      expect(seen.outcomes.filter((outcome) => outcome === 'batch done')).toHaveLength(6);
    },
  );
});

test('a file that is cancelled leaves every slot at once, and nothing of it runs again', async () => {
  const { engine, scheduler } = await startScheduler(2);
  const controller = new AbortController();
  const file = submitFile(scheduler, 20, controller.signal);
  await expect.poll(() => scheduler.active).toBe(1);
  controller.abort();
  const outcomes = await Promise.allSettled(file);
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  await expect.poll(() => scheduler.active).toBe(0);
  expect(scheduler.waiting).toEqual({ final: 0, partial: 0, batch: 0 });
  // The worker was not harmed by that: it is the same, and answers.
  const said = await scheduler.submit({ window: audioWindow({ pcm: jfkSamples }) });
  expect(textOf(said)).toContain('fellow Americans');
  expect(engine.restarts).toBe(0);
});
