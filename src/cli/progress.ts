/** `1:02:03.4` */
export function formatTime(ms: number): string {
  const tenths = Math.floor(ms / 100);
  const pad = (value: number) => String(value).padStart(2, "0");
  const seconds = Math.floor(tenths / 10);
  const clock = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}.${tenths % 10}`;
  return seconds < 3600 ? clock : `${Math.floor(seconds / 3600)}:${clock}`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** `12.3 MB`, in steps of 1000. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** `812 kbit/s` */
export function formatBitrate(bps: number): string {
  return bps < 10_000_000 ? `${Math.round(bps / 1000)} kbit/s` : `${(bps / 1_000_000).toFixed(1)} Mbit/s`;
}
