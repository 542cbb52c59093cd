import type { DeviceMemory, Stats } from '../../../js/src/index.js';
import { t } from '../i18n/index.js';
import { bytes } from './amounts.js';
import { Bar } from './bar.js';

export function MemoryPanel({ stats: { devices, memory, models } }: { stats: Stats }) {
  const { budget_bytes, used_bytes, voices } = memory;
  const holders = [...models, ...voices].filter(({ memory_bytes }) => memory_bytes > 0);
  return (
    <section class="panel" aria-labelledby="memory-title">
      <h2 id="memory-title">{t('memory')}</h2>
      {devices.map((device) => (
        <div key={device.device} class="memory">
          <p>
            <span>{deviceName(device)}</span>
            <span>{of(device.used_bytes, device.total_bytes)}</span>
          </p>
          <Bar shares={[device.used_bytes / device.total_bytes]} />
        </div>
      ))}
      <div class="memory">
        <p>
          <span>{t('memory_budget')}</span>
          <span>{of(used_bytes, budget_bytes)}</span>
        </p>
        <Bar shares={holders.map(({ memory_bytes }) => memory_bytes / budget_bytes)} />
        <ul class="holders">
          {holders.map(({ model, memory_bytes }, index) => (
            <li key={model}>
              <svg viewBox="0 0 1 1" class="holder" aria-hidden="true">
                <rect class={`bar-${index % 3}`} width="1" height="1" />
              </svg>
              {model} <small>{bytes(memory_bytes)}</small>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

function of(used: number, total: number): string {
  return t('memory_of', { used: bytes(used), total: bytes(total) });
}

function deviceName({ device }: DeviceMemory): string {
  return device.startsWith('gpu') ? t('memory_gpu', { n: device.slice(3) }) : t('memory_cpu');
}
