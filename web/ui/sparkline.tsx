const WIDTH = 240;
const HEIGHT = 100;

/** The outline of samples as an SVG path over `WIDTH` × `HEIGHT`, 0 at the bottom. The newest sample is at the right edge. */
export function outline(values: readonly number[], length: number): string {
  const top = Math.max(1, ...values) * 1.15;
  const step = WIDTH / (length - 1);
  const left = WIDTH - (values.length - 1) * step;
  return values
    .map((value, i) => `${i === 0 ? "M" : "L"}${round(left + i * step)} ${round(HEIGHT - (Math.max(0, value) / top) * HEIGHT)}`)
    .join("");
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** A small chart without axes: water that stands as high as the newest values. `label` is read to who cannot see it. */
export function Sparkline({ values, length, label }: { values: readonly number[]; length: number; label: string }) {
  if (values.length < 2) return null;
  const line = outline(values, length);
  const left = WIDTH - (values.length - 1) * (WIDTH / (length - 1));
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path class="area" d={`${line}L${WIDTH} ${HEIGHT}L${round(left)} ${HEIGHT}Z`} />
      <path class="line" d={line} />
    </svg>
  );
}
