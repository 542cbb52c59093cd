import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { expect, onTestFinished, test, vi } from 'vitest';
import { pcmBlocks } from '../../../../clients/meeting-bot/src/page/pcm-blocks.js';

interface Processor {
  process(inputs: Float32Array[][]): boolean;
}

/** The processor in the surroundings that a browser's audio thread gives it. */
function startProcessor() {
  const { port1: port, port2: outside } = new MessageChannel();
  onTestFinished(() => {
    outside.close();
    vi.unstubAllGlobals();
  });
  let Registered: (new () => Processor) | undefined;
  vi.stubGlobal('currentFrame', 0);
  vi.stubGlobal(
    'AudioWorkletProcessor',
    class {
      port = port;
    },
  );
  vi.stubGlobal('registerProcessor', (_: string, processor: new () => Processor) => {
    Registered = processor;
  });
  pcmBlocks();
  if (!Registered) throw new Error('Nothing was registered.');
  return { processor: new Registered(), outside };
}

test('a block of 96 ms is given when it is full, silence included', async () => {
  const { processor, outside } = startProcessor();
  const given = once(outside, 'message');
  for (let frame = 0; frame < 1_536; frame += 128) {
    vi.stubGlobal('currentFrame', frame);
    expect(processor.process(frame === 0 ? [[new Float32Array(128).fill(1)]] : [[]])).toBe(true);
  }
  const [{ frame, pcm }] = await given;
  expect(frame).toBe(0);
  const samples = new Int16Array(pcm);
  expect([samples.length, samples[127], samples[128]]).toEqual([1_536, 32_767, 0]);
});

test('the processor of a track that has left is over, and is not run as long as the meeting lasts', async () => {
  const { processor, outside } = startProcessor();
  expect(processor.process([[]])).toBe(true);
  const closed = once(outside, 'close');
  outside.postMessage('end');
  await closed;
  expect(processor.process([[]])).toBe(false);
});
