import type { Command } from 'commander';
import { version } from '../config/index.js';
import type { Finding, Level } from '../doctor/index.js';
import { CommandError } from './command-error.js';
import { createDoctorReport } from './doctor-report.js';
import { exitCodes } from './exit-codes.js';

interface Options {
  readonly fix?: true;
  readonly json?: true;
  readonly strict?: true;
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'Look for what is missing or broken here, say how to mend it, and mend what can be.',
    )
    .option('--fix', 'Build the engine, restore models and remove leftovers where that is needed.')
    .option('--json', 'Print JSON instead.')
    .option('--strict', 'Take warnings for errors.')
    .addHelpText(
      'after',
      '\nEnds with 0 where the gateway can run, and with 1 where it cannot: where there is an error, or' +
        '\nwith --strict a warning. What --fix has mended counts as mended.',
    )
    .action(doctor);
}

async function doctor(options: Options): Promise<void> {
  const { examine, receivePatient, runCheck } = await import('../doctor/index.js');
  const patient = receivePatient();
  // With --json only the findings go to stdout; what is done about them can be watched.
  const report = createDoctorReport(options.json ? process.stderr : process.stdout);
  const findings: Finding[] = [];
  for await (const finding of examine(patient)) {
    if (!options.json) report.tell(finding);
    findings.push(finding);
  }
  if (options.fix) {
    for (const [index, finding] of findings.entries()) {
      if (!finding.repair) continue;
      report.begin(finding.repair.does);
      const failure = await finding.repair.run(report.progress).catch((thrown: Error) => thrown);
      if (failure) report.failed(failure);
      // Whatever it did: how things are now is for the check to say.
      const now = await runCheck(finding.check, patient);
      findings[index] = now;
      report.again(now);
    }
  }
  if (options.json) console.log(JSON.stringify(asJson(findings), null, 2));
  else report.sum(findings, options.fix ?? false);
  if (isUnwell(findings, options)) throw new CommandError(exitCodes.failed);
}

function isUnwell(findings: readonly Finding[], { strict }: Options): boolean {
  return has(findings, 'error') || (strict === true && has(findings, 'warning'));
}

function has(findings: readonly Finding[], level: Level): boolean {
  return findings.some((finding) => finding.level === level);
}

function asJson(findings: readonly Finding[]) {
  return {
    version,
    level: has(findings, 'error') ? 'error' : has(findings, 'warning') ? 'warning' : 'ok',
    findings: findings.map(({ check, level, detail, remedy, repair }) => ({
      id: check.id,
      group: check.group,
      title: check.title,
      level,
      detail,
      remedy: remedy ?? null,
      repairable: repair !== undefined,
    })),
  };
}
