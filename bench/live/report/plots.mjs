import { lineChart } from './line-chart.mjs';

/** Largest delay that is drawn, in seconds; what is later is off the chart. */
const drawnSeconds = 12;

/**
 * Charts of results, by the name of their file. Those without data are missing.
 * @param {readonly any[]} results
 * @returns {Record<string, string>} SVG
 */
export function plots(results) {
  const charts = {
    'live-delay.svg': delayChart(results),
    'live-lag.svg': lagChart(results),
    'live-capacity.svg': capacityChart(results),
  };
  return Object.fromEntries(Object.entries(charts).filter(([, chart]) => chart !== null));
}

function delayChart(results) {
  const lines = results.flatMap(({ label, scenarios }, colour) =>
    [
      ['shownMs', 'shown', true],
      ['committedMs', 'committed', false],
    ].flatMap(([field, name, dashed]) => {
      const values = scenarios.en?.points.delays[field];
      if (!values) return [];
      const points = values.map((ms, step) => [step * 2, Math.max(0, ms / 1000)]);
      return [{ label: `${label}: ${name}`, points, dashed, colour }];
    }),
  );
  if (lines.length === 0) return null;
  return lineChart({
    title: 'English: delay of words after they were spoken',
    x: '% of words',
    y: 'seconds',
    yMax: drawnSeconds,
    lines,
  });
}

function lagChart(results) {
  const lines = results.flatMap(({ label, scenarios }, colour) => {
    const points = scenarios['long-en']?.points.lag
      .filter(([, committedMs]) => committedMs !== null)
      .map(([spokenMs, committedMs]) => [spokenMs / 60_000, Math.max(0, committedMs / 1000)]);
    return points?.length ? [{ label, points, dots: true, colour }] : [];
  });
  if (lines.length === 0) return null;
  return lineChart({
    title: 'Ten minutes of English: spoken → committed of each word',
    x: 'minutes',
    y: 'seconds',
    yMax: drawnSeconds,
    lines,
  });
}

function capacityChart(results) {
  const lines = results.flatMap(({ label, scenarios }, colour) => {
    const points = scenarios.capacity?.steps
      .filter(({ committedMs }) => committedMs.p95 !== null)
      .map(({ streamsAtOnce, committedMs }) => [streamsAtOnce, committedMs.p95 / 1000]);
    return points?.length ? [{ label, points, colour }] : [];
  });
  if (lines.length === 0) return null;
  return lineChart({
    title: 'English streams at the same time: spoken → committed, 95 %',
    x: 'streams',
    y: 'seconds',
    yMax: drawnSeconds,
    limit: { y: 5, label: 'live' },
    lines,
  });
}
