import { MediaError } from "../../base/media-error.ts";

/** A file that cannot be read or is of no kind that we read. */
export class MediaFileError extends MediaError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: "bad-file", ...options });
  }
}
