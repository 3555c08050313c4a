import type { Page } from "playwright-core";

/** As web/push/sources/test-picture.ts draws it: blocks of one bit, the highest at the left, in a row at this share of the height. */
const BITS = 24;
const ROW = 0.965;
/** Brightness that a black block stays below and a white one above, whatever the encoder made of it. */
const BLACK = 90;
const WHITE = 165;

/** How long ago the picture that a player shows was drawn, by the time code in it; undefined while none can be read. */
export async function pictureAgeMs(page: Page): Promise<number | undefined> {
  const { brightness, nowMs } = await page.evaluate(readRow, { bits: BITS, row: ROW });
  if (brightness.length === 0 || brightness.some((value) => value > BLACK && value < WHITE)) return undefined;
  const drawnMs = brightness.reduce((code, value) => code * 2 + (value >= WHITE ? 1 : 0), 0);
  const span = 2 ** BITS;
  const ageMs = (((nowMs - drawnMs) % span) + span) % span;
  return ageMs > span / 2 ? ageMs - span : ageMs;
}

/** Runs in the page. The brightness of each block, and what time it was when the picture was on the screen. */
function readRow({ bits, row }: { bits: number; row: number }): { brightness: number[]; nowMs: number } {
  const video = document.querySelector("video");
  const canvas = document.createElement("canvas");
  canvas.width = video?.videoWidth ?? 0;
  canvas.height = video?.videoHeight ?? 0;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!video || !context || canvas.width === 0) return { brightness: [], nowMs: 0 };
  context.drawImage(video, 0, 0);
  const nowMs = Date.now();
  const { data } = context.getImageData(0, Math.round(canvas.height * row), canvas.width, 1);
  const brightness = Array.from({ length: bits }, (_, i) => data[4 * Math.floor(((i + 0.5) * canvas.width) / bits) + 1] ?? 0);
  return { brightness, nowMs };
}
