import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const deployDir = fileURLToPath(new URL('../../deploy/', import.meta.url));

/** A file of `deploy/`. */
export function deployPath(name: string): string {
  return `${deployDir}${name}`;
}

export function readDeployed(name: string): string {
  return readFileSync(deployPath(name), 'utf8');
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** What the dashboard asks Prometheus, by the title of the panel. */
export function dashboardExpressions(): [title: string, expression: string][] {
  const { panels } = JSON.parse(readDeployed('grafana/dashboards/whisper-gateway.json')) as {
    panels: Panel[];
  };
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }): [string, string] => [title, expr]),
  );
}

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export function alertRules(): AlertRule[] {
  const { groups } = parse(readDeployed('prometheus/alerts.yml')) as {
    groups: { rules: AlertRule[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
}
