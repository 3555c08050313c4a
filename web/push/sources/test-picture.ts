export interface TestPicture {
  readonly now: Date;
  readonly frame: number;
  readonly fps: number;
  /** The stream's name. */
  readonly label: string;
}

const BARS: readonly string[] = ["#f2f5f4", "#e6c445", "#3cc3d2", "#4fb477", "#c06bb5", "#d1523e", "#2f5fc0"];
const FONT = '"Avenir Next", "Segoe UI", Inter, Roboto, "DejaVu Sans Condensed", sans-serif';
/** The picture flashes for this long on each full second, when the tone strikes. */
const FLASH_MS = 90;

/** Draws one picture: a clock to read the delay from, water and a sweep to see dropped frames by, a flash to hear lip-sync by. */
export function drawTestPicture(context: CanvasRenderingContext2D, picture: TestPicture): void {
  const { width, height } = context.canvas;
  const unit = height / 100;
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, "#0d4756");
  sky.addColorStop(1, "#06222b");
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  drawBars(context, width, unit);
  drawClock(context, picture, width, unit);
  drawSweep(context, picture, width, unit);
  drawWater(context, picture, width, height, unit);
  drawTimeCode(context, picture, width, unit);
}

function drawBars(context: CanvasRenderingContext2D, width: number, unit: number): void {
  const step = width / BARS.length;
  BARS.forEach((color, i) => {
    context.fillStyle = color;
    context.fillRect(Math.floor(i * step), 0, Math.ceil(step), 9 * unit);
  });
}

function drawClock(
  context: CanvasRenderingContext2D,
  { now, frame, fps, label }: TestPicture,
  width: number,
  unit: number,
): void {
  const two = (value: number) => String(value).padStart(2, "0");
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
  const ms = String(now.getMilliseconds()).padStart(3, "0");
  context.textBaseline = "alphabetic";
  context.textAlign = "center";
  context.fillStyle = "#9cc7cd";
  context.font = `600 ${4.6 * unit}px ${FONT}`;
  context.fillText(label, width / 2, 24 * unit);
  context.fillStyle = "#ffffff";
  context.font = `700 ${19 * unit}px "DejaVu Sans Mono", Menlo, Consolas, monospace`;
  context.fillText(`${time}.${ms}`, width / 2, 46 * unit);
  context.fillStyle = "#9cc7cd";
  context.font = `500 ${3.6 * unit}px "DejaVu Sans Mono", Menlo, Consolas, monospace`;
  context.fillText(`${context.canvas.width} × ${context.canvas.height}   ${fps} fps   frame ${frame}`, width / 2, 55 * unit);
  if (now.getMilliseconds() < FLASH_MS) {
    context.fillStyle = "#ffffff";
    context.fillRect(width - 14 * unit, 14 * unit, 8 * unit, 8 * unit);
  }
}

/** A light that crosses the picture once a second: it jumps where frames are missing. */
function drawSweep(context: CanvasRenderingContext2D, { now }: TestPicture, width: number, unit: number): void {
  const x = (now.getMilliseconds() / 1000) * width;
  context.fillStyle = "rgb(255 255 255 / 14%)";
  context.fillRect(0, 62 * unit, width, unit);
  context.fillStyle = "#e6b455";
  context.fillRect(x - 1.5 * unit, 60 * unit, 3 * unit, 5 * unit);
}

function drawWater(context: CanvasRenderingContext2D, { now }: TestPicture, width: number, height: number, unit: number): void {
  const t = now.getTime() / 1000;
  for (const [level, speed, color] of [
    [74, 1.1, "rgb(31 131 146 / 80%)"],
    [80, -1.6, "rgb(47 182 198 / 75%)"],
  ] as const) {
    context.fillStyle = color;
    context.beginPath();
    context.moveTo(0, height);
    for (let x = 0; x <= width + 8; x += 8) context.lineTo(x, (level + 2.2 * Math.sin(x / (13 * unit) + t * speed)) * unit);
    context.lineTo(width, height);
    context.fill();
  }
}

/** Bits of the time code: 2^24 ms are more than four hours. */
const TIME_CODE_BITS = 24;
/** Where a reader samples the blocks, as a share of the height. */
const TIME_CODE_CENTER = 0.965;

/** The clock once more for machines: the low 24 bits of `Date.now()` as white and black blocks, the highest at the left. */
function drawTimeCode(context: CanvasRenderingContext2D, { now }: TestPicture, width: number, unit: number): void {
  const step = width / TIME_CODE_BITS;
  const top = TIME_CODE_CENTER * 100 * unit - 1.5 * unit;
  for (let bit = 0; bit < TIME_CODE_BITS; bit++) {
    context.fillStyle = ((now.getTime() % 2 ** TIME_CODE_BITS) >> (TIME_CODE_BITS - 1 - bit)) & 1 ? "#ffffff" : "#000000";
    context.fillRect(Math.floor(bit * step), top, Math.ceil(step), 3 * unit);
  }
}
