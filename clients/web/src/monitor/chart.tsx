import { useSignal } from '@preact/signals';
import { type TextKey, t } from '../i18n/index.js';
import { duration, number } from './amounts.js';
import { areaPath, height, linePath, niceMax, type Point, width } from './chart-path.js';
import { type Sample, shownMs } from './monitor-store.js';

/** How much of the time is drawn: the least that holds all there is. */
const spansMs = [60_000, 120_000, 300_000];

interface Line {
  readonly name: TextKey;
  /** Null where there is nothing to draw. */
  readonly of: (sample: Sample) => number | null;
}

interface ChartProps {
  readonly title: TextKey;
  /** Three at most: each is drawn in a manner of its own, not only in a colour. */
  readonly lines: readonly Line[];
  readonly samples: readonly Sample[];
  /** The scale reaches at least this far. */
  readonly atLeast: number;
  readonly write: (value: number) => string;
}

/** Lines over the last minutes, up to ten. Pointing at a time shows the values of that time in the legend. */
export function Chart({ title, lines, samples, atLeast, write }: ChartProps) {
  const pointed = useSignal<number | null>(null);
  const end = samples.at(-1)?.at ?? 0;
  const drawn = lines.map(({ name, of }) => ({
    name,
    points: samples.map((sample): Point => ({ at: sample.at, value: of(sample) })),
  }));
  const max = niceMax(Math.max(0, ...drawn.map(({ points }) => highest(points) ?? 0)), atLeast);
  const knownMs = end - (samples[0]?.at ?? end);
  const spanMs = spansMs.find((span) => span >= knownMs) ?? shownMs;
  const frame = { begin: end - spanMs, end, max };
  const at = pointed.value === null ? null : nearest(samples, frame.begin + pointed.value * spanMs);
  const shown = at ?? samples.length - 1;
  const point = ({ clientX, currentTarget }: PointerEvent) => {
    const { left, width: wide } = (currentTarget as Element).getBoundingClientRect();
    pointed.value = (clientX - left) / wide;
  };
  const markX = at === null ? null : (((samples[at]?.at ?? 0) - frame.begin) / spanMs) * width;
  return (
    <figure class="panel chart">
      <figcaption>
        <h2>{t(title)}</h2>
        <span class="chart-time">
          {at !== null && t('chart_at', { age: duration(end - (samples[at]?.at ?? 0)) })}
        </span>
      </figcaption>
      <dl class="legend">
        {drawn.map(({ name, points }, index) => (
          <div key={name}>
            <dt>
              <svg viewBox="0 0 24 6" class="swatch" aria-hidden="true">
                <path class={`line line-${index}`} d="M2 3h20" />
              </svg>
              {t(name)}
            </dt>
            <dd>{written(points[shown]?.value ?? null, write)}</dd>
          </div>
        ))}
      </dl>
      <div class="plot">
        <span class="scale" aria-hidden="true">
          {write(max)}
        </span>
        <svg
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={summary(title, spanMs, drawn, write)}
          onPointerMove={point}
          onPointerLeave={() => {
            pointed.value = null;
          }}
        >
          <path class="grid" d={`M0 0H${width}M0 ${height / 2}H${width}`} />
          <path class="base" d={`M0 ${height}H${width}`} />
          <path class="area" d={areaPath(drawn[0]?.points ?? [], frame)} />
          {drawn.map(({ name, points }, index) => (
            <path key={name} class={`line line-${index}`} d={linePath(points, frame)} />
          ))}
          {markX !== null && <path class="mark" d={`M${markX} 0V${height}`} />}
        </svg>
      </div>
      <p class="ends" aria-hidden="true">
        <span>{t('chart_at', { age: minutes(spanMs) })}</span>
        <span>{t('chart_end')}</span>
      </p>
    </figure>
  );
}

function minutes(ms: number): string {
  return t('amount_minutes', { n: number(ms / 60_000) });
}

/** What the drawing shows, for those who do not see it. */
function summary(
  title: TextKey,
  spanMs: number,
  lines: readonly { name: TextKey; points: readonly Point[] }[],
  write: (value: number) => string,
): string {
  const parts = lines.map(({ name, points }) => {
    const max = highest(points);
    if (max === null) return t('chart_series_none', { name: t(name) });
    const now = written(points.at(-1)?.value ?? null, write);
    return t('chart_series', { name: t(name), now, max: write(max) });
  });
  return [t('chart_label', { title: t(title), age: minutes(spanMs) }), ...parts].join(' ');
}

function written(value: number | null, write: (value: number) => string): string {
  return value === null ? t('none') : write(value);
}

function highest(points: readonly Point[]): number | null {
  const values = points.map(({ value }) => value).filter((value) => value !== null);
  return values.length === 0 ? null : Math.max(...values);
}

/** The sample that is nearest in time; null without any. */
function nearest(samples: readonly Sample[], at: number): number | null {
  let best: number | null = null;
  for (const [index, sample] of samples.entries()) {
    const before =
      best === null ? Number.POSITIVE_INFINITY : Math.abs((samples[best]?.at ?? 0) - at);
    if (Math.abs(sample.at - at) <= before) best = index;
  }
  return best;
}
