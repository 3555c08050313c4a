/** `{app}/{name}`: how every URL calls a stream. */
export interface StreamName {
  readonly app: string;
  readonly name: string;
}

/** Longest part of a name that the pages accept; the server has the last word. */
export const MAX_NAME_LENGTH = 128;
const PART = /^[A-Za-z0-9_-]+$/;
/** Apps that are places of the server itself. */
const RESERVED_APPS = new Set(["hls", "flv", "mp4", "api", "metrics", "signaling", "assets"]);

/** What is wrong with an app or a name, as a sentence for its input field; null when nothing is. */
export function nameProblem(part: string, role: "app" | "name"): string | null {
  const label = role === "app" ? "App" : "Stream name";
  if (part === "") return `${label} is empty.`;
  if (!PART.test(part)) return `${label} may hold letters, digits, “_” and “-” only.`;
  if (part.length > MAX_NAME_LENGTH) return `${label} is longer than ${MAX_NAME_LENGTH} characters.`;
  if (role === "app" && RESERVED_APPS.has(part)) return `“${part}” is reserved by the server.`;
  return null;
}

/** Reads `live/demo`; a name alone gets the app `live`. Null when it is no stream name. */
export function parseStreamName(text: string): StreamName | null {
  const parts = text.trim().replace(/^\/+/, "").split("/");
  const [app, name] = parts.length === 1 ? ["live", parts[0]] : parts;
  if (parts.length > 2 || app === undefined || name === undefined) return null;
  return nameProblem(app, "app") === null && nameProblem(name, "name") === null ? { app, name } : null;
}

/** The stream that a page is asked to show: `?stream=live/demo` or `?app=live&name=demo`. Null when none, or none that is valid. */
export function streamFromQuery(search: string): StreamName | null {
  const query = new URLSearchParams(search);
  const stream = query.get("stream");
  if (stream !== null) return parseStreamName(stream);
  const name = query.get("name");
  return name === null ? null : parseStreamName(`${query.get("app") ?? "live"}/${name}`);
}

export function streamKey(stream: StreamName): string {
  return `${stream.app}/${stream.name}`;
}
