import type { Config } from '../config/index.js';

/** How bad it is: `warning` where the gateway runs and something is lost, `error` where it does not. */
export type Level = 'ok' | 'warning' | 'error';

/** What the doctor looks at, in the order in which it tells. */
export const groups = ['System', 'Build tools', 'Engine', 'Audio', 'Models', 'Service'] as const;

/** What a check sees of the world; everything else it looks up itself. */
export interface Patient {
  readonly config: Config;
  /** Why the settings that are there cannot be used, where `config` holds defaults instead. */
  readonly settingsProblem: string | null;
  /** Absolute. */
  readonly modelsDir: string;
}

/** One thing that can be wrong. */
export interface Check {
  /** For scripts; never changes. */
  readonly id: string;
  readonly group: (typeof groups)[number];
  readonly title: string;
  /** Never rejects for what is wrong with the machine; that is what it tells. */
  run(patient: Patient): Promise<Outcome>;
}

export interface Outcome {
  readonly level: Level;
  /** A phrase or a sentence or two, without the title. */
  readonly detail: string;
  /** What people can do; the commands that help are spelled out. */
  readonly remedy?: string;
  /** What the doctor itself can do. */
  readonly repair?: Repair;
}

export interface Repair {
  /** As "Builds the addon". */
  readonly does: string;
  /**
   * Rejects where it failed. Whether it helped is for the check to say, which runs again.
   * @param say Takes a line about how far it is.
   */
  run(say: (line: string) => void): Promise<void>;
}

/** A check with what came of it. */
export interface Finding extends Outcome {
  readonly check: Check;
}

export function ok(detail: string): Outcome {
  return { level: 'ok', detail };
}

export function warning(detail: string, remedy: string, repair?: Repair): Outcome {
  return { level: 'warning', detail, remedy, ...(repair && { repair }) };
}

export function error(detail: string, remedy: string, repair?: Repair): Outcome {
  return { level: 'error', detail, remedy, ...(repair && { repair }) };
}
