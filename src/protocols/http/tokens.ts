/** `token` of RFC 9110 §5.6.2: method and header names. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** The elements of a comma-separated header value in lower case, without empty ones. RFC 9110 §5.6.1. */
export function listElements(value: string | undefined): string[] {
  if (value === undefined) return [];
  return value
    .split(",")
    .map((element) => element.trim().toLowerCase())
    .filter((element) => element !== "");
}
