import { ProtocolError } from "../base/media-error.ts";

/** `{app}/{name}`. */
export interface StreamKey {
  readonly app: string;
  readonly name: string;
}

export const MAX_NAME_LENGTH = 128;
const RESERVED_APPS: ReadonlySet<string> = new Set(["hls", "flv", "mp4", "api", "metrics", "signaling", "assets"]);

/** Checks both parts: letters, digits, `_` and `-`, and no reserved app. Throws ProtocolError with code `bad-name`. */
export function streamKey(app: string, name: string): StreamKey {
  checkPart("app", app);
  checkPart("stream name", name);
  if (RESERVED_APPS.has(app)) throw new ProtocolError(`the app name "${app}" is reserved`, { code: "bad-name" });
  return { app, name };
}

export function formatKey(key: StreamKey): string {
  return `${key.app}/${key.name}`;
}

function checkPart(what: string, value: string): void {
  if (value.length === 0) throw new ProtocolError(`the ${what} is empty`, { code: "bad-name" });
  if (value.length > MAX_NAME_LENGTH) {
    throw new ProtocolError(`the ${what} has ${value.length} characters, ${MAX_NAME_LENGTH} are allowed`, { code: "bad-name" });
  }
  const wrong = /[^A-Za-z0-9_-]/.exec(value);
  if (wrong) {
    const shown = JSON.stringify(wrong[0]);
    throw new ProtocolError(`the ${what} holds ${shown}; letters, digits, "_" and "-" are allowed`, { code: "bad-name" });
  }
}
