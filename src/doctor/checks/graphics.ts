import { describeBytes } from '../../models/index.js';
import { type Check, error, ok, warning } from '../check.js';
import { runProgram } from '../run-program.js';

const query = [
  '--query-gpu=name,driver_version,memory.total,memory.free',
  '--format=csv,noheader,nounits',
];

export const graphics: Check = {
  id: 'gpu',
  group: 'System',
  title: 'GPU',
  async run({ config }) {
    const ran = await runProgram('nvidia-smi', query);
    const isNeeded = config.backend === 'cuda';
    if (!ran) {
      if (!isNeeded) return ok(`none, and none is needed with BACKEND=${config.backend}`);
      return error(
        'nvidia-smi is missing, and with it the NVIDIA driver',
        'Install the driver (in a container: run it with --gpus all), or set BACKEND=cpu.',
      );
    }
    const gpus = ran.code === 0 ? ran.stdout.trim().split('\n').filter(Boolean) : [];
    if (gpus.length > 0) return ok(gpus.map(describe).join('; '));
    const said = (ran.stderr || ran.stdout).trim().split('\n')[0] ?? '';
    const outcome = isNeeded ? error : warning;
    return outcome(
      `The NVIDIA driver finds no GPU${said && `: ${said}`}`,
      'A restart helps after an update of the driver; else reinstall it.',
    );
  },
};

function describe(line: string): string {
  const [name = '', driver = '', total = '', free = ''] = line
    .split(',')
    .map((part) => part.trim());
  const mebibytes = (text: string) => describeBytes(Number(text) * 2 ** 20);
  return `${name}, ${mebibytes(free)} of ${mebibytes(total)} free, driver ${driver}`;
}
