import { duration, number } from './amounts.js';
import { Chart } from './chart.js';
import { monitor } from './monitor-store.js';

export function Charts() {
  const samples = monitor.samples.value;
  return (
    <div class="charts">
      <Chart
        title="chart_delay"
        samples={samples}
        atLeast={2_000}
        write={duration}
        lines={[
          { name: 'chart_delay_max', of: ({ delayMs }) => delayMs?.max ?? null },
          { name: 'chart_delay_p50', of: ({ delayMs }) => delayMs?.p50 ?? null },
        ]}
      />
      <Chart
        title="chart_queue"
        samples={samples}
        atLeast={5}
        write={number}
        lines={[
          { name: 'lane_final', of: ({ waiting }) => waiting.final },
          { name: 'lane_partial', of: ({ waiting }) => waiting.partial },
          { name: 'lane_batch', of: ({ waiting }) => waiting.batch },
        ]}
      />
      <Chart
        title="chart_slots"
        samples={samples}
        atLeast={1}
        write={number}
        lines={[
          { name: 'chart_slots_active', of: ({ active }) => active },
          { name: 'chart_slots_all', of: ({ slots }) => slots },
        ]}
      />
      <Chart
        title="chart_sessions"
        samples={samples}
        atLeast={5}
        write={number}
        lines={[
          { name: 'chart_sessions_open', of: ({ open }) => open },
          { name: 'chart_sessions_detached', of: ({ detached }) => detached },
        ]}
      />
    </div>
  );
}
