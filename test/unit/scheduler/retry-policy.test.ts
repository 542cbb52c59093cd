import { describe, expect, test } from 'vitest';
import { retryDelayMs, retryPolicies } from '../../../src/scheduler/retry-policy.js';

const policies = retryPolicies({ maxRetries: 3, retryDelayMs: 5_000 });

/** The waits after the first, second … failure of a young window, in the middle of the jitter. */
function waits(lane: keyof typeof policies): (number | null)[] {
  return [1, 2, 3, 4].map((failures) => retryDelayMs(policies[lane], failures, 0.5));
}

describe('retry policy', () => {
  test('a final is tried again at once, then soon', () => {
    expect(waits('final')).toEqual([0, 250, 500, null]);
  });

  test('a partial is not tried again: a newer one comes', () => {
    expect(waits('partial')).toEqual([null, null, null, null]);
  });

  test('batch work waits 5, 10 and 20 seconds', () => {
    expect(waits('batch')).toEqual([5_000, 10_000, 20_000, null]);
  });

  test('live waits differ by up to a fifth, so that retries do not come in step', () => {
    expect(retryDelayMs(policies.final, 2, 0)).toBe(200);
    expect(retryDelayMs(policies.final, 2, 1)).toBe(300);
  });
});
