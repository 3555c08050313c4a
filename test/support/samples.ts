import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run } from "./programs.ts";

const folder = resolve(import.meta.dirname, "../../node_modules/.cache/sluice-samples");

const picture = (seconds: number, size = "320x180", rate = 25) =>
  `-f lavfi -i testsrc2=size=${size}:rate=${rate}:duration=${seconds}`;
const tone = (seconds: number) => `-f lavfi -i sine=frequency=440:beep_factor=4:sample_rate=44100:duration=${seconds}`;
/** A key frame a second, whatever the picture does. */
const h264 = (gop: number, bframes: number) =>
  `-c:v libx264 -preset veryfast -pix_fmt yuv420p -g ${gop} -keyint_min ${gop} -sc_threshold 0 -bf ${bframes}`;
const aac = "-c:a aac -b:a 64k -ac 2";

/** Media made by ffmpeg: its arguments before the file name. */
const RECIPES = {
  /** H.264 with B-frames and AAC, 3 seconds, key frames a second apart. */
  "av.flv": `${picture(3)} ${tone(3)} ${h264(25, 2)} ${aac}`,
  "av.ts": `${picture(3)} ${tone(3)} ${h264(25, 2)} ${aac}`,
  "av.mp4": `${picture(3)} ${tone(3)} ${h264(25, 2)} ${aac}`,
  /** Without B-frames. */
  "plain.flv": `${picture(3)} ${tone(3)} ${h264(25, 0)} ${aac}`,
  /** For publishers that go on and on: half a second per GOP. */
  "short-gops.flv": `${picture(4)} ${tone(4)} ${h264(12, 0)} ${aac}`,
  "audio.flv": `${tone(3)} ${aac}`,
  "video.flv": `${picture(3)} ${h264(25, 0)}`,
  "fast.flv": `${picture(3, "320x180", 60)} ${tone(3)} ${h264(60, 2)} ${aac}`,
  "large.flv": `${picture(2, "480x270")} ${tone(2)} ${h264(25, 0)} ${aac}`,
  "heavy.flv": `-f lavfi -i nullsrc=s=640x360:r=25:d=4,geq=random(1)*255:128:128 ${tone(4)} -c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 12 -keyint_min 12 -sc_threshold 0 -bf 0 -b:v 8M ${aac}`,
  "hevc.mp4": `${picture(2)} ${tone(2)} -c:v libx265 -preset ultrafast -pix_fmt yuv420p -x265-params keyint=25:min-keyint=25:scenecut=0:bframes=2:log-level=error -tag:v hvc1 ${aac}`,
  "av1.mp4": `${picture(2)} ${tone(2)} -c:v libsvtav1 -preset 12 -g 25 -pix_fmt yuv420p -c:a libopus -b:a 64k`,
} as const;

export type SampleName = keyof typeof RECIPES;

/** The path of a sample; made when it is asked for first, and kept beside the installed packages. */
export async function sample(name: SampleName): Promise<string> {
  const recipe = RECIPES[name];
  const id = createHash("sha256").update(recipe).digest("hex").slice(0, 12);
  const path = join(folder, `${id}-${name}`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const unfinished = join(folder, `${process.pid}-${id}-${name}`);
  await using ffmpeg = run("ffmpeg", "-hide_banner", "-nostdin", "-y", "-loglevel", "error", ...recipe.split(" "), unfinished);
  try {
    await ffmpeg.success(60_000);
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return path;
}

/** The bytes of a sample. */
export async function sampleBytes(name: SampleName): Promise<Uint8Array> {
  return readFileSync(await sample(name));
}

/** A folder of the test's own: `using` removes it with what is in it. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "sluice-e2e-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
