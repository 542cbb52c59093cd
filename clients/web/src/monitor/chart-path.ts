/** One value of a line; null breaks it. */
export interface Point {
  readonly at: number;
  readonly value: number | null;
}

/** What a chart shows: times from `begin` to `end`, values from 0 to `max`. */
export interface Frame {
  readonly begin: number;
  readonly end: number;
  readonly max: number;
}

/** The drawing's own units; it is stretched to the room that there is. */
export const width = 600;
export const height = 100;
/** Without an answer for longer than this nobody knows what was in between. */
const gapMs = 10_000;

/** The line through all points, broken where nothing is known, as SVG path data. */
export function linePath(points: readonly Point[], frame: Frame): string {
  return runs(points)
    .map((run) => `M${run.map((point) => place(point, frame)).join('L')}`)
    .join('');
}

/** The same with all that is below the line. */
export function areaPath(points: readonly Point[], frame: Frame): string {
  return runs(points)
    .map((run) => {
      const [first, last] = [run[0], run.at(-1)] as [Point, Point];
      const foot = (point: Point) => place({ ...point, value: 0 }, frame);
      return `M${foot(first)}L${run.map((point) => place(point, frame)).join('L')}L${foot(last)}Z`;
    })
    .join('');
}

/** The next of 1, 2, 5, 10, 20 … that holds `value`: a scale that people read, and that seldom changes. */
export function niceMax(value: number, atLeast: number): number {
  const wanted = Math.max(value, atLeast);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].find((each) => each * power >= wanted) ?? 10;
  return step * power;
}

/** Points that belong together, each run at least one long. */
function runs(points: readonly Point[]): Point[][] {
  const found: Point[][] = [];
  let before: Point | undefined;
  for (const point of points) {
    if (point.value !== null) {
      const follows = before && before.value !== null && point.at - before.at <= gapMs;
      if (follows) found.at(-1)?.push(point);
      else found.push([point]);
    }
    before = point;
  }
  return found;
}

function place({ at, value }: Point, { begin, end, max }: Frame): string {
  const x = ((at - begin) / (end - begin)) * width;
  const y = height - ((value ?? 0) / max) * height;
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}
