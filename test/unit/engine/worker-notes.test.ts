import { expect, test } from 'vitest';
import { memoryRungs } from '../../../src/engine/memory-ladder.js';
import { downNote, memoryNote } from '../../../src/engine/worker-notes.js';
import { GatewayError } from '../../../src/errors/index.js';

test('every rung of the memory ladder in plain words', () => {
  const rungs = memoryRungs({ slots: 2, fallbackModel: true, gpu: true });
  expect(rungs.map((rung) => memoryNote('GPU 0', rung, 2, 'tiny-q8_0'))).toEqual([
    'Memory is back on GPU 0, which works as before.',
    'Memory ran out on GPU 0, which goes on with 1 of 2 inferences at the same time.',
    'Memory ran out on GPU 0, which goes on with 1 of 2 inferences at the same time, short contexts.',
    'Memory ran out on GPU 0, which goes on with 1 of 2 inferences at the same time, short contexts, the smaller model tiny-q8_0.',
    'Memory ran out on GPU 0, which is left alone for a while.',
  ]);
});

test('why a worker is down, and until when', () => {
  const error = new GatewayError('model_not_found');
  expect(downNote('CPU', error, 9_400)).toBe(
    'The worker on the CPU is down. There is no model of this name. It is tried again in 10 s.',
  );
  expect(downNote('CPU', error, 0)).toContain('It is being tried again.');
});
