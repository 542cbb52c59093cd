import { execFile } from 'node:child_process';
import { childEnvironment } from '../config/index.js';

/** A GPU as NVIDIA's driver tool lists it. Null where the tool or the GPU does not tell. */
export interface ListedGpu {
  readonly name: string;
  /** Such as `0000:01:00.0`. */
  readonly pciBusId: string;
  /** Bytes. */
  readonly totalMemory: number | null;
  readonly freeMemory: number | null;
  /** Such as `9.0`. */
  readonly computeCapability: string | null;
  readonly driverVersion: string | null;
}

/** What the tool answered. */
export type NvidiaSmi =
  /** It is not installed; where there is no GPU that is as it should be. */
  | { readonly state: 'absent' }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'listed'; readonly gpus: readonly ListedGpu[] };

/** The name comes last, since it is the only field that may hold a comma. */
const fields = ['pci.bus_id', 'memory.total', 'memory.free', 'driver_version', 'name'] as const;
const bytesOfMiB = 1_048_576;
/** A driver that was unloaded takes seconds to come up. */
const timeoutMs = 15_000;

/**
 * Asks `nvidia-smi` for the GPUs of this machine. Never rejects.
 * @param program Its name or path.
 */
export async function readNvidiaSmi(program = 'nvidia-smi'): Promise<NvidiaSmi> {
  // Older tools do not know this field, and then say nothing at all.
  const first = await query(program, ['compute_cap', ...fields]);
  const answer = first.reason?.includes('compute_cap') ? await query(program, fields) : first;
  if (answer.absent) return { state: 'absent' };
  if (answer.reason !== null) return { state: 'failed', reason: answer.reason };
  const withCapability = answer === first;
  return {
    state: 'listed',
    gpus: answer.stdout
      .split('\n')
      .filter((line) => line.trim() !== '')
      .flatMap((line) => parseLine(withCapability ? line : `,${line}`)),
  };
}

interface Answer {
  readonly stdout: string;
  readonly absent: boolean;
  /** Why it failed; null where it did not. */
  readonly reason: string | null;
}

function query(program: string, asked: readonly string[]): Promise<Answer> {
  const args = [`--query-gpu=${asked.join(',')}`, '--format=csv,noheader,nounits'];
  const options = { env: childEnvironment(), timeout: timeoutMs, killSignal: 'SIGKILL' } as const;
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      const said = `${stdout}\n${stderr}`.trim().replace(/\s+/g, ' ');
      const reason = error?.killed ? `It did not answer in ${timeoutMs} ms.` : said;
      resolve({
        stdout,
        absent: error?.code === 'ENOENT',
        reason: error ? reason || error.message : null,
      });
    });
  });
}

function parseLine(line: string): ListedGpu[] {
  const [capability = '', busId = '', total = '', free = '', driver = '', ...name] = line
    .split(',')
    .map((field) => field.trim());
  const pciBusId = normalBusId(busId);
  // "No devices were found" is a line as well.
  if (!pciBusId) return [];
  return [
    {
      name: name.join(', '),
      pciBusId,
      totalMemory: mebibytes(total),
      freeMemory: mebibytes(free),
      computeCapability: /^\d+\.\d+$/.test(capability) ? capability : null,
      driverVersion: /^\d/.test(driver) ? driver : null,
    },
  ];
}

/** `00000000:01:00.0` as CUDA writes it: four digits for the domain, in lower case. */
function normalBusId(text: string): string | null {
  const [, domain, rest] =
    /^([0-9a-f]{4,8}):([0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f])$/i.exec(text) ?? [];
  return domain && rest ? `${domain.slice(-4)}:${rest}`.toLowerCase() : null;
}

/** `[N/A]` and the like are no number. */
function mebibytes(text: string): number | null {
  return /^\d+$/.test(text) ? Number(text) * bytesOfMiB : null;
}
