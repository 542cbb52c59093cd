import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { metricTable } from '../../../src/telemetry/index.js';
import { alertRules, dashboardExpressions, readDeployed } from '../../support/dashboard.js';

/** Labels of every series, by its name. */
const series = new Map<string, ReadonlySet<string>>(
  Object.values(metricTable).flatMap(({ name, kind, labelNames }) => {
    const labels = ['instance', 'job', ...labelNames];
    if (kind !== 'histogram') return [[name, new Set(labels)] as const];
    return [
      [`${name}_bucket`, new Set([...labels, 'le'])],
      [`${name}_sum`, new Set(labels)],
      [`${name}_count`, new Set(labels)],
    ] as const;
  }),
);

const expressions = [
  ...dashboardExpressions(),
  ...alertRules().map(({ alert, expr }): [string, string] => [alert, expr]),
];

test.each(expressions)('%s asks for series that there are', (_, expression) => {
  const asked = [...expression.matchAll(/\b(whisper_gateway_\w+)(?:\{([^}]*)\})?/g)];
  if (asked.length === 0) expect(expression).toMatch(/^up\{job="whisper-gateway"\}/);
  for (const [, name, matchers = ''] of asked) {
    const labels = series.get(name as string);
    expect(labels, name).toBeDefined();
    for (const [, label] of matchers.matchAll(/(\w+)\s*=~?/g)) expect(labels).toContain(label);
  }
  // What is grouped by has to be a label of what is asked for.
  const known = new Set(asked.flatMap(([, name]) => [...(series.get(name as string) ?? [])]));
  for (const [, names = ''] of expression.matchAll(/\bby \(([^)]*)\)/g)) {
    for (const label of names.split(/,\s*/)) expect(known).toContain(label);
  }
});

test('what an alert says uses labels that its expression leaves', () => {
  const grouped = alertRules().filter(({ expr }) => /\bby \(/.test(expr));
  expect(grouped.length).toBeGreaterThan(0);
  for (const { alert, expr, annotations } of grouped) {
    const left = /\bby \(([^)]*)\)/.exec(expr)?.[1]?.split(/,\s*/);
    const named = Object.values(annotations)
      .join(' ')
      .matchAll(/\$labels\.(\w+)/g);
    for (const [, label] of named) expect(left, alert).toContain(label);
  }
});

test('every alert is tested to fire, and told of in the manual', () => {
  const { tests } = parse(readDeployed('prometheus/alerts.test.yml')) as {
    tests: { name: string }[];
  };
  const names = alertRules().map(({ alert }) => alert);
  expect(tests.map(({ name }) => name)).toEqual([...names, 'all is well']);
  const manual = readDeployed('../docs/operations.md');
  for (const name of names) expect(manual).toContain(`| ${name} |`);
});

test('every panel of the dashboard says what it shows, and has a place of its own', () => {
  const { panels } = JSON.parse(readDeployed('grafana/dashboards/whisper-gateway.json')) as {
    panels: {
      id: number;
      type: string;
      title: string;
      description?: string;
      gridPos: { x: number; y: number; w: number; h: number };
    }[];
  };
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const taken = new Set<string>();
  for (const { type, title, description, gridPos } of panels) {
    if (type !== 'row') expect(description, title).toMatch(/\S/);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(taken.has(`${x} ${y}`), `${title} at ${x} ${y}`).toBe(false);
        expect(x).toBeLessThan(24);
        taken.add(`${x} ${y}`);
      }
    }
  }
});
