import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../config/index.js';
import { type AddonReport, probeAddon } from '../../engine/index.js';
import { addonPath } from '../addon-path.js';
import { type Check, error, type Outcome, ok, type Repair, warning } from '../check.js';

export const cpuEngine = engine('cpu', 'CPU');
export const cudaEngine = engine('cuda', 'CUDA');

function engine(backend: 'cpu' | 'cuda', title: string): Check {
  return {
    id: `engine_${backend}`,
    group: 'Engine',
    title,
    async run({ config }) {
      const isNeeded = (config.backend === 'cuda') === (backend === 'cuda');
      const probe = await probeAddon(addonPath(backend));
      if (probe.loads) return describe(probe, isNeeded);
      if (!isNeeded && probe.problem === 'absent') {
        return ok(`not built, and not needed with BACKEND=${config.backend}`);
      }
      const remedy = `Build it: npm run build:native -- --backend=${backend} --force`;
      const outcome = isNeeded ? error : warning;
      return outcome(probe.reason, remedy, building(backend));
    },
  };
}

function describe(report: AddonReport, isNeeded: boolean): Outcome {
  const { whisperVersion, builtFor, openmp, devices, gpuProblem } = report;
  const detail = `whisper.cpp ${whisperVersion} on ${devices.map((device) => device.description).join(', ')}`;
  if (builtFor === 'cuda' && gpuProblem !== null) {
    const outcome = isNeeded ? warning : ok;
    return outcome(
      `${detail}, for want of a GPU: ${gpuProblem}`,
      'See what is said of the GPU above.',
    );
  }
  if (!openmp) {
    return warning(
      `${detail}, built without OpenMP: inferences with several threads hinder each other`,
      'Install OpenMP (with GCC it comes along) and build the engine again.',
    );
  }
  return ok(detail);
}

/** Minutes of work, whose progress the build tells on stderr itself. */
function building(backend: 'cpu' | 'cuda'): Repair {
  return {
    does: `Builds the ${backend} engine, which takes minutes`,
    async run() {
      const script = join(packageRoot, 'scripts/build-native.mjs');
      const child = spawn(process.execPath, [script, `--backend=${backend}`, '--force'], {
        cwd: packageRoot,
        // What this process prints on stdout may be JSON for a program.
        stdio: ['ignore', process.stderr, 'inherit'],
      });
      const [code] = (await once(child, 'close')) as [number | null];
      if (code !== 0) throw new Error('The build failed; what it said is above.');
    },
  };
}
