/** `4.2 Mb/s`, `640 kb/s`; a dash when nothing is measured. */
export function formatBitrate(bps: number): string {
  if (!(bps > 0)) return "–";
  if (bps >= 999_500) return `${trim(bps / 1e6, bps >= 9_950_000 ? 0 : 1)} Mb/s`;
  return `${Math.max(1, Math.round(bps / 1000))} kb/s`;
}

/** `0.42 s` or `3.1 s` from milliseconds; a dash for null. */
export function formatSeconds(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return "–";
  const seconds = Math.max(0, ms) / 1000;
  return `${seconds.toFixed(seconds < 9.95 ? 2 : 1)} s`;
}

/** `42 s`, `3 min`, `2 h 05 min`, `4 d 3 h` from milliseconds. */
export function formatUptime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes < 1) return `${seconds} s`;
  if (hours < 1) return `${minutes} min`;
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `29.97`, `30`; a dash for 0. */
export function formatFps(fps: number): string {
  return fps > 0 ? trim(fps, fps % 1 > 0.05 && fps % 1 < 0.95 ? 1 : 0) : "–";
}

function trim(value: number, digits: number): string {
  return value.toFixed(digits).replace(/\.0+$/, "");
}
