import type { IncomingMessage } from "node:http";

/** An error page may be long; what is told of it is one short line. */
const MAX_REASON_BYTES = 4096;
const MAX_REASON_CHARS = 200;

/** Why a server refused: the message of its JSON, or the first line of its text, or the status text. Never rejects. */
export async function readReason(answer: IncomingMessage): Promise<string> {
  let text = "";
  try {
    answer.setEncoding("utf8");
    for await (const piece of answer) {
      text += piece;
      if (text.length > MAX_REASON_BYTES) break;
    }
  } catch {} // what has come until then is all there is
  answer.destroy();
  return reasonIn(text) || (answer.statusMessage ?? "");
}

/** The `error.message` or `message` of a JSON text; else the first line that is no markup. */
export function reasonIn(text: string): string {
  try {
    const value: { error?: { message?: unknown }; message?: unknown } = JSON.parse(text);
    const message = value.error?.message ?? value.message;
    return typeof message === "string" ? message.slice(0, MAX_REASON_CHARS) : "";
  } catch {
    const line = text.split("\n").find((candidate) => candidate.trim() !== "" && !candidate.trim().startsWith("<"));
    return (line ?? "").trim().slice(0, MAX_REASON_CHARS);
  }
}
