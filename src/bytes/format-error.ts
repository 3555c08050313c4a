import { MediaError } from "../base/media-error.ts";

/** Wrong bytes. The message says the format, what was wanted, what was there, and where. */
export class FormatError extends MediaError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: "format", ...options });
  }
}
