import type { WriteStream } from 'node:tty';
import { version } from '../config/index.js';
import type { Finding, Level } from '../doctor/index.js';
import { explain } from './explain.js';
import { type Colors, colorsFor } from './terminal/colors.js';
import { wrapText } from './terminal/wrap-text.js';

const levelWidth = 'warning'.length;
const titleWidth = 16;
const indent = ' '.repeat(2 + levelWidth + 2 + titleWidth + 1);
/** Where the output is no terminal, lines are left as they are. */
const narrowest = 60;

export interface DoctorReport {
  tell(finding: Finding): void;
  begin(repair: string): void;
  progress(line: string): void;
  failed(failure: Error): void;
  /** After a repair. */
  again(finding: Finding): void;
  sum(findings: readonly Finding[], repaired: boolean): void;
}

/** Findings for people: grouped, aligned, and in colour where the stream is a terminal. */
export function createDoctorReport(stream: WriteStream): DoctorReport {
  const colors = colorsFor(stream);
  const say = (text: string) => void stream.write(`${text}\n`);
  const columns = stream.isTTY
    ? Math.max(stream.columns ?? 80, narrowest)
    : Number.POSITIVE_INFINITY;
  let group = '';
  const line = (finding: Finding) => {
    const { check, level, detail, remedy } = finding;
    const head = `  ${labelOf(level, colors)}  ${check.title.padEnd(titleWidth)} `;
    const width = columns - indent.length;
    say(head + wrapText(detail, width).join(`\n${indent}`));
    if (remedy && level !== 'ok') {
      say(
        indent +
          wrapText(`→ ${remedy}`, width)
            .map((it) => colors.dim(it))
            .join(`\n${indent}  `),
      );
    }
  };
  return {
    tell(finding) {
      if (group === '') say(`Whisper Gateway ${version}`);
      if (finding.check.group !== group) say(`\n${colors.bold(finding.check.group)}`);
      group = finding.check.group;
      line(finding);
    },
    begin: (repair) => say(`\n${colors.bold(`${repair} …`)}`),
    progress: (words) => say(`  ${words}`),
    failed: (failure) => say(`  ${explain(failure)}`),
    again: line,
    sum: (findings, repaired) => say(`\n${sumOf(findings, repaired)}`),
  };
}

function labelOf(level: Level, colors: Colors): string {
  const paint = { ok: colors.green, warning: colors.yellow, error: colors.red }[level];
  return paint(level.padEnd(levelWidth));
}

function sumOf(findings: readonly Finding[], repaired: boolean): string {
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const wrong = [
    [count('error'), 'error'],
    [count('warning'), 'warning'],
  ] as const;
  const counts = wrong
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}${number === 1 ? '' : 's'}`);
  if (counts.length === 0) return 'Everything is as it should be.';
  const repairable = findings.filter((finding) => finding.repair).length;
  const offer =
    repairable > 0 && !repaired
      ? ` "whisper-gateway doctor --fix" mends ${repairable === findings.filter((it) => it.level !== 'ok').length ? 'that' : `${repairable} of them`}.`
      : '';
  return `${counts.join(', ')}.${offer}`;
}
