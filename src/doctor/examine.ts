import { resolve } from 'node:path';
import { ConfigError, loadConfig, packageRoot } from '../config/index.js';
import { type Check, error, type Finding, groups, type Patient } from './check.js';
import { keys } from './checks/access.js';
import { cmake, compiler, cudaToolkit, make } from './checks/build-tools.js';
import { cpuEngine, cudaEngine } from './checks/engine.js';
import { audioFormats, ffmpeg } from './checks/ffmpeg.js';
import { modelsFolder, temporaryFolder } from './checks/folders.js';
import { graphics } from './checks/graphics.js';
import { configuredModel, embeddedSpeech, otherModels, voiceActivity } from './checks/models.js';
import { nats } from './checks/nats.js';
import { port, settings } from './checks/service.js';
import { clock, disk, memory, node, processor } from './checks/system.js';

const checks: readonly Check[] = [
  ...[node, processor, memory, disk, temporaryFolder, clock, graphics],
  ...[compiler, cmake, make, cudaToolkit],
  ...[cpuEngine, cudaEngine],
  ...[ffmpeg, audioFormats],
  ...[configuredModel, embeddedSpeech, voiceActivity, otherModels, modelsFolder],
  ...[settings, keys, nats, port],
].sort((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group));

/** The machine and the installation as they are now; settings that cannot be used become defaults. */
export function receivePatient(): Patient {
  try {
    return patientWith(loadConfig(), null);
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    return patientWith(loadConfig({}, {}), thrown.message);
  }
}

function patientWith(config: Patient['config'], settingsProblem: string | null): Patient {
  return { config, settingsProblem, modelsDir: resolve(packageRoot, config.modelsDir) };
}

/** Runs all checks at once, and tells of each in its order, as soon as it can. */
export async function* examine(patient: Patient): AsyncGenerator<Finding> {
  yield* checks.map((check) => runCheck(check, patient));
}

/** Never rejects: a check that fails itself is a finding, too. */
export async function runCheck(check: Check, patient: Patient): Promise<Finding> {
  try {
    return { check, ...(await check.run(patient)) };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return { check, ...error(`This could not be looked at: ${reason}`, 'Please report this.') };
  }
}
