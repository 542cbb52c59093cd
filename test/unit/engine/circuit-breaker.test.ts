import { describe, expect, test } from 'vitest';
import { breakerPolicy, createCircuitBreaker } from '../../../src/engine/circuit-breaker.js';
import { GatewayError } from '../../../src/errors/index.js';

const crash = new GatewayError('engine_died');
const gone = new GatewayError('model_not_found');

describe('a circuit breaker', () => {
  test('opens after five failures in a row, and pauses longer each time', () => {
    const breaker = createCircuitBreaker();
    const waits = [1, 2, 3, 4].map((second) => breaker.failed(crash, second * 1_000, 0));
    expect(waits).toEqual([250, 500, 1_000, 2_000]);
    expect(breaker.state).toBe('closed');
    for (const pauseMs of [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
      expect(breaker.failed(crash, 5_000, 0)).toBe(pauseMs);
      expect(breaker.state).toBe('open');
      breaker.trying();
      expect(breaker.state).toBe('half_open');
    }
  });

  test('closes with the first success, and has forgotten everything', () => {
    const breaker = createCircuitBreaker();
    breaker.failed(gone, 0, 0);
    breaker.trying();
    breaker.succeeded();
    expect(breaker.state).toBe('closed');
    expect(breaker.failed(crash, 1, 0)).toBe(250);
    breaker.failed(gone, 2, 0);
    expect(breaker.failed(gone, 3, 0)).toBe(20_000);
  });

  test('stays closed while failures are rare', () => {
    const breaker = createCircuitBreaker();
    for (let minute = 0; minute < 20; minute++) breaker.failed(crash, minute * 16_000, 15_000);
    expect(breaker.state).toBe('closed');
  });

  test('takes a minute of life for a success', () => {
    const breaker = createCircuitBreaker();
    for (let i = 0; i < 4; i++) breaker.failed(crash, i, 0);
    expect(breaker.failed(crash, 60_004, 60_000)).toBe(250);
    expect(breaker.state).toBe('closed');
  });

  test('opens at once for what cannot heal by itself', () => {
    const breaker = createCircuitBreaker();
    expect(breaker.failed(gone, 0, 0)).toBe(breakerPolicy.pause.baseMs);
    expect(breaker.state).toBe('open');
  });
});
