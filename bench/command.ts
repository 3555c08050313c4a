import { MediaError } from "../src/base/media-error.ts";
import type { LoadProgress } from "../src/services/load/load-report.ts";
import type { StreamShape } from "../src/services/load/synthetic-stream.ts";

const AUDIO_KBPS = 96;

/** A number ≥ 0 from the command line. Throws MediaError for anything else. */
export function readNumber(name: string, text: string): number {
  const value = Number(text);
  if (text === "" || !(value >= 0)) throw new MediaError(`--${name} must be a number, is "${text}"`);
  return value;
}

/** A stream of `kbps`, its audio included. */
export function streamShape(kbps: number, gopSeconds: number): Partial<StreamShape> {
  return { videoKbps: kbps - AUDIO_KBPS, audioKbps: AUDIO_KBPS, gopSeconds };
}

/** In place of the last one, on a terminal. */
export function showLine(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${line}`);
}

/** Where a run of viewers stands. */
export function showProgress(what: string, viewers: number, progress: LoadProgress): void {
  const { phase, secondsLeft, watching, failed, mbps } = progress;
  const counts = `${watching} of ${viewers} watch${failed > 0 ? `, ${failed} failed` : ""}`;
  showLine(`${what} ${phase} ${secondsLeft.toFixed(0)} s: ${counts}, ${mbps.toFixed(0)} Mbps`);
}

/** Runs a command to its end; wrong arguments and what cannot be measured become one line and exit code 2. */
export async function runCommand(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof MediaError || (error instanceof TypeError && "code" in error))) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
