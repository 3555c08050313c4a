import { FormatError } from "./format-error.ts";

/** Bytes from hexadecimal digits; white space between them is skipped. For test vectors, command lines and FMTP lines. */
export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  if (!/^([0-9a-fA-F]{2})*$/.test(digits))
    throw new FormatError(`hex: "${digits.slice(0, 32)}" is not pairs of hexadecimal digits`);
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** Two lower-case digits a byte. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
