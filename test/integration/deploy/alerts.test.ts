import { expect, test } from 'vitest';
import { catalog } from '../../../src/errors/index.js';
import { alertRules } from '../../support/dashboard.js';
import { readMetrics } from '../../support/read-metrics.js';
import { startGateway } from '../../support/start-gateway.js';

/** The series whose increase an alert waits for: one for each value that it names, else any of the counter. */
function awaited(expression: string): RegExp[] {
  const counters = expression.matchAll(/\bincrease\((\w+)(?:\{([^}]*)\})?/g);
  return [...counters].flatMap(([, name, matchers = '']) => {
    const named = [...matchers.matchAll(/(\w+)=~?"([^"]+)"/g)];
    if (named.length === 0) return [new RegExp(`^${name}(\\{|$)`)];
    return named.flatMap(([, label, values = '']) =>
      values.split('|').map((value) => new RegExp(`^${name}\\{.*\\b${label}="${value}"`)),
    );
  });
}

test('the first of whatever an alert waits for is an increase: a fresh gateway has counted none', async () => {
  const { url } = await startGateway();
  const counted = await readMetrics(url);
  const wanted = alertRules().flatMap(({ expr }) => awaited(expr));
  expect(wanted.length).toBeGreaterThan(5);
  for (const series of wanted) {
    const values = [...counted].filter(([name]) => series.test(name)).map(([, value]) => value);
    expect([series, new Set(values)]).toEqual([series, new Set([0])]);
  }
  const shed = (code: string) => counted.get(`whisper_gateway_sheds_total{code="${code}"}`);
  expect(Object.keys(catalog).filter((code) => shed(code) !== 0)).toEqual([]);
  for (const worker of ['inference', 'voice_activity']) {
    expect(counted.get(`whisper_gateway_worker_restarts_total{worker="${worker}"}`)).toBe(0);
  }
});
