import { LimitError, MediaError } from "../../base/media-error.ts";
import { FormatError } from "../../bytes/format-error.ts";

/** RFC 6455 §7.4.1. */
export const CLOSE_NORMAL = 1000;
export const CLOSE_GOING_AWAY = 1001;
export const CLOSE_PROTOCOL_ERROR = 1002;
/** Never sent: a close frame without a code was received. */
export const CLOSE_NO_STATUS = 1005;
export const CLOSE_INVALID_DATA = 1007;
export const CLOSE_POLICY = 1008;
export const CLOSE_TOO_BIG = 1009;
export const CLOSE_INTERNAL_ERROR = 1011;
export const CLOSE_TRY_AGAIN_LATER = 1013;

/** Whether a code may stand in a close frame: 1004–1006 and 1015 are reserved for inside an endpoint. §7.4.1–7.4.2. */
export function isSendableCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) || (code >= 3000 && code <= 4999);
}

/** The code with which to end a connection whose frame parser threw `error`. §7.4.1. */
export function closeCodeOf(error: unknown): number {
  if (error instanceof LimitError) return CLOSE_TOO_BIG;
  if (error instanceof FormatError) return CLOSE_INVALID_DATA;
  return error instanceof MediaError ? CLOSE_PROTOCOL_ERROR : CLOSE_INTERNAL_ERROR;
}
