/** A line of a plot. */
export interface Series {
  readonly name: string;
  /** x and y, x growing. */
  readonly points: readonly (readonly [number, number])[];
}

export interface PlotOptions {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly series: readonly Series[];
}

const WIDTH = 720;
const HEIGHT = 360;
const MARGIN = { left: 72, right: 16, top: 40, bottom: 48 };
const COLORS = ["#0b7285", "#e8590c", "#5f3dc4", "#2b8a3e"];

/** A line plot as SVG, its y axis from 0. Readable on white and on dark pages. */
export function plotSvg({ title, xTitle, yTitle, series }: PlotOptions): string {
  const xs = series.flatMap(({ points }) => points.map(([x]) => x));
  const ys = series.flatMap(({ points }) => points.map(([, y]) => y));
  const xMax = niceCeiling(Math.max(1e-9, ...xs));
  const yMax = niceCeiling(Math.max(1e-9, ...ys));
  const toX = (x: number) => MARGIN.left + (x / xMax) * (WIDTH - MARGIN.left - MARGIN.right);
  const toY = (y: number) => HEIGHT - MARGIN.bottom - (y / yMax) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    label(WIDTH / 2, 22, title, 'text-anchor="middle" font-size="15" font-weight="600"'),
    label(WIDTH / 2, HEIGHT - 10, xTitle, 'text-anchor="middle"'),
    label(0, 0, yTitle, `text-anchor="middle" transform="translate(16 ${HEIGHT / 2}) rotate(-90)"`),
    ...ticks(yMax).map((y) => horizontal(toY(y), y)),
    ...ticks(xMax).map((x) => label(toX(x), HEIGHT - MARGIN.bottom + 18, shorten(x), 'text-anchor="middle"')),
  ];
  series.forEach(({ name, points }, i) => {
    const color = COLORS[i % COLORS.length] ?? "#000";
    const line = points.map(([x, y]) => `${toX(x).toFixed(1)},${toY(y).toFixed(1)}`).join(" ");
    parts.push(`<polyline points="${line}" fill="none" stroke="${color}" stroke-width="2"/>`);
    parts.push(label(MARGIN.left + 10 + i * 170, MARGIN.top + 12, `— ${name}`, `fill="${color}"`));
  });
  return `${parts.join("\n")}\n</svg>\n`;
}

function horizontal(y: number, value: number): string {
  const line = `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y}" y2="${y}" stroke="#ddd"/>`;
  return line + label(MARGIN.left - 8, y + 4, shorten(value), 'text-anchor="end"');
}

function label(x: number, y: number, text: string, attributes: string): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x}" y="${y}" ${attributes}>${escaped}</text>`;
}

const ticks = (max: number): number[] => [0, 0.25, 0.5, 0.75, 1].map((share) => share * max);
const shorten = (value: number): string =>
  value >= 10_000 ? `${Math.round(value / 1000)}k` : String(Math.round(value * 100) / 100);

/** The next number of the form 1, 2, 4, 5 or 8 times a power of ten. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  for (const factor of [1, 2, 4, 5, 8]) if (value <= factor * power) return factor * power;
  return 10 * power;
}
