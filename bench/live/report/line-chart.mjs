/** Colours that are told apart by people who see fewer of them (Okabe and Ito). */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const size = { width: 720, height: 380 };
const margin = { left: 58, right: 16, top: 44, bottom: 50 };
const rowHeight = 18;

/**
 * A chart of lines over two linear axes that begin at 0, as SVG.
 * @param {object} chart
 * @param {string} chart.title
 * @param {string} chart.x Label of the horizontal axis.
 * @param {string} chart.y Label of the vertical axis.
 * @param {{ label: string, points: readonly (readonly [number, number])[], dashed?: boolean,
 *   colour?: number, dots?: boolean }[]} chart.lines `colour` is an index; by default each line has its own.
 *   `dots` marks the points instead of joining them.
 * @param {number} [chart.yMax] Where the vertical axis ends; lines are cut there.
 * @param {{ y: number, label: string }} [chart.limit] A line across the chart.
 * @returns {string}
 */
export function lineChart({ title, x, y, lines, yMax, limit }) {
  const legendRows = Math.ceil(lines.length / 2);
  const top = margin.top + legendRows * rowHeight;
  const box = {
    left: margin.left,
    right: size.width - margin.right,
    top,
    bottom: top + size.height - margin.top - margin.bottom,
  };
  const height = box.bottom + margin.bottom;
  const points = lines.flatMap((line) => line.points);
  const xTicks = ticks(Math.max(...points.map(([value]) => value)));
  const yTicks = ticks(yMax ?? Math.max(...points.map(([, value]) => value), limit?.y ?? 0));
  const scaleX = (value) => box.left + (value / xTicks.at(-1)) * (box.right - box.left);
  const scaleY = (value) => box.bottom - (value / yTicks.at(-1)) * (box.bottom - box.top);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" font-family="sans-serif" font-size="12" fill="#333">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    text(margin.left, 24, title, 'font-size="15" font-weight="bold"'),
    ...yTicks.map((tick) => grid(box.left, scaleY(tick), box.right, scaleY(tick))),
    ...yTicks.map((tick) => text(box.left - 8, scaleY(tick) + 4, tick, 'text-anchor="end"')),
    ...xTicks.map((tick) => text(scaleX(tick), box.bottom + 18, tick, 'text-anchor="middle"')),
    text((box.left + box.right) / 2, box.bottom + 38, x, 'text-anchor="middle"'),
    text(
      0,
      0,
      y,
      `text-anchor="middle" transform="translate(16 ${(box.top + box.bottom) / 2}) rotate(-90)"`,
    ),
    `<clipPath id="box"><rect x="${box.left}" y="${box.top}" width="${box.right - box.left}" height="${box.bottom - box.top}"/></clipPath>`,
  ];
  if (limit) {
    const at = scaleY(limit.y);
    parts.push(
      `<path d="M${box.left} ${at.toFixed(1)}H${box.right}" stroke="#999" stroke-dasharray="2 3"/>`,
      text(box.right - 4, at - 5, limit.label, 'text-anchor="end" fill="#777"'),
    );
  }
  for (const [index, line] of lines.entries()) {
    const colour = colours[(line.colour ?? index) % colours.length];
    const dash = line.dashed ? ' stroke-dasharray="6 4"' : '';
    const places = line.points.map(([a, b]) => [scaleX(a).toFixed(1), scaleY(b).toFixed(1)]);
    parts.push(
      line.dots
        ? `<path clip-path="url(#box)" d="${places.map(([a, b]) => `M${a} ${b}h0`).join('')}" stroke="${colour}" stroke-opacity="0.45" stroke-width="4" stroke-linecap="round"/>`
        : `<path clip-path="url(#box)" d="M${places.map((place) => place.join(' ')).join('L')}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`,
    );
    const legendX = margin.left + (index % 2) * ((box.right - box.left) / 2);
    const legendY = margin.top + Math.floor(index / 2) * rowHeight;
    parts.push(
      `<path d="M${legendX} ${legendY - 4}h22" stroke="${colour}" stroke-width="${line.dots ? 5 : 2}"${dash}/>`,
      text(legendX + 28, legendY, line.label),
    );
  }
  return `${[...parts, '</svg>'].join('\n')}\n`;
}

/**
 * Round numbers from 0 to at least `most`.
 * @param {number} most
 * @returns {number[]}
 */
export function ticks(most) {
  if (!(most > 0)) return [0, 1];
  const rough = most / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}

function grid(x1, y1, x2, y2) {
  return `<path d="M${x1} ${y1.toFixed(1)}L${x2} ${y2.toFixed(1)}" stroke="#ddd"/>`;
}

function text(x, y, content, attributes = '') {
  const escaped = String(content).replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<text x="${x}" y="${y}" ${attributes}>${escaped}</text>`;
}
