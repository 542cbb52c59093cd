import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readNvidiaSmi } from '../../../src/devices/index.js';

const folder = mkdtempSync(join(tmpdir(), 'nvidia-smi-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

/** A tool that does what this shell script says. */
function tool(script: string): string {
  const path = join(folder, `nvidia-smi-${count++}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

const gibibyte = 2 ** 30;

describe('nvidia-smi', () => {
  test('lists GPUs, one of them with a comma in its name', async () => {
    const program = tool(`cat <<END
9.0, 00000000:01:00.0, 143771, 143000, 580.159.03, NVIDIA H200
8.6, 00000000:C1:00.0, 24576, 1024, 580.159.03, NVIDIA RTX, Ada
END`);
    expect(await readNvidiaSmi(program)).toEqual({
      state: 'listed',
      gpus: [
        {
          name: 'NVIDIA H200',
          pciBusId: '0000:01:00.0',
          totalMemory: 143_771 * 2 ** 20,
          freeMemory: 143_000 * 2 ** 20,
          computeCapability: '9.0',
          driverVersion: '580.159.03',
        },
        {
          name: 'NVIDIA RTX, Ada',
          pciBusId: '0000:c1:00.0',
          totalMemory: 24 * gibibyte,
          freeMemory: gibibyte,
          computeCapability: '8.6',
          driverVersion: '580.159.03',
        },
      ],
    });
  });

  test('that does not know compute capabilities is asked without', async () => {
    const program = tool(`case "$1" in
*compute_cap*) echo 'Field "compute_cap" is not a valid field to query.'; exit 2 ;;
*) echo '00000000:01:00.0, 4096, 4000, 450.10, Quadro' ;;
esac`);
    expect(await readNvidiaSmi(program)).toMatchObject({
      state: 'listed',
      gpus: [{ name: 'Quadro', computeCapability: null, totalMemory: 4 * gibibyte }],
    });
  });

  test('that leaves values out says so with null', async () => {
    const program = tool(
      `echo '[N/A], 00000000:01:00.0, [N/A], [Unknown Error], [N/A], NVIDIA GB10'`,
    );
    expect(await readNvidiaSmi(program)).toEqual({
      state: 'listed',
      gpus: [
        {
          name: 'NVIDIA GB10',
          pciBusId: '0000:01:00.0',
          totalMemory: null,
          freeMemory: null,
          computeCapability: null,
          driverVersion: null,
        },
      ],
    });
  });

  test('that finds nothing lists nothing', async () => {
    expect(await readNvidiaSmi(tool(`echo 'No devices were found'`))).toEqual({
      state: 'listed',
      gpus: [],
    });
  });

  test('that cannot reach the driver has failed, in its own words', async () => {
    const words = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.";
    expect(await readNvidiaSmi(tool(`echo "${words}"; exit 9`))).toEqual({
      state: 'failed',
      reason: words,
    });
  });

  test('that is not installed is no failure', async () => {
    expect(await readNvidiaSmi(join(folder, 'none'))).toEqual({ state: 'absent' });
  });
});
