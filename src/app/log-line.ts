const LEVEL_WORDS: Readonly<Record<string, string>> = { debug: "DEBUG ", warn: "WARN ", error: "ERROR " };
const LEVEL_COLORS: Readonly<Record<string, string>> = { debug: "\x1b[2m", warn: "\x1b[33m", error: "\x1b[31m" };
const DIM = "\x1b[2m";
const PLAIN = "\x1b[0m";

/**
 * Turns a JSON log line into one for a person: `02:13:31 publisher left  stream=live/talk graceMs=15000`, with the level when it is not
 * `info`. Empty fields are left out. `time` is local. Text that peers chose comes out without control characters.
 */
export function formatLogLine(json: string, colors: boolean): string {
  const { time, level, msg, ...fields }: Record<string, unknown> = JSON.parse(json);
  const paint = (color: string, text: string): string => (colors && color !== "" && text !== "" ? color + text + PLAIN : text);
  const name = String(level);
  const word = paint(LEVEL_COLORS[name] ?? "", LEVEL_WORDS[name] ?? "");
  const details = Object.entries(fields)
    .filter(([, value]) => value !== "" && value !== null)
    .map(([key, value]) => `${key}=${formatValue(value)}`)
    .join(" ");
  const clock = new Date(String(time)).toTimeString().slice(0, 8);
  return `${paint(DIM, clock)} ${word}${plainText(String(msg))}${details === "" ? "" : `  ${paint(DIM, details)}`}\n`;
}

function formatValue(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return /^[^\s"=]+$/.test(value) ? plainText(value) : plainText(JSON.stringify(value));
}

/** A terminal obeys control characters, also those of 8 bits. */
function plainText(text: string): string {
  return text.replace(/\p{Cc}/gu, "�");
}
