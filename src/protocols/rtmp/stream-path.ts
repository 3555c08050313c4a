import { LimitError, ProtocolError } from "../../base/media-error.ts";
import type { AmfValue } from "../../containers/amf/amf0.ts";

/** Characters of an application or stream name with its query; tokens in it may be long. */
export const MAX_NAME_LENGTH = 4096;
/** Characters of `tcUrl`. */
export const MAX_URL_LENGTH = 8192;

/** A text the peer sent, of bounded length: nothing at all is "", another type is a ProtocolError. */
export function readText(value: AmfValue, what: string, maxLength = MAX_NAME_LENGTH): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw new ProtocolError(`rtmp: ${what} is no string`);
  if (value.length > maxLength)
    throw new LimitError(`rtmp: ${what} of ${value.length} characters is above the limit of ${maxLength}`);
  return value;
}

/** Splits "name?query" at its first question mark. */
function splitQuery(text: string): { path: string; query: string } {
  const at = text.indexOf("?");
  return at < 0 ? { path: text, query: "" } : { path: text.slice(0, at), query: text.slice(at + 1) };
}

const trimSlashes = (path: string): string => path.replace(/^\/+|\/+$/g, "");

/** Several queries as one, "a=1&b=2"; each different one once, the first first. */
function joinQueries(...queries: string[]): string {
  return [...new Set(queries.filter((query) => query !== ""))].join("&");
}

/** The application and the query of a connection; clients put the query behind `app`, `tcUrl` or both. */
export function readApp(app: string, tcUrl: string): { app: string; query: string } {
  const ofApp = splitQuery(app);
  const ofUrl = splitQuery(tcUrl);
  return { app: trimSlashes(ofApp.path), query: joinQueries(ofApp.query, ofUrl.query) };
}

/** The name and the query of a publish or play, with the query of its connection behind its own. */
export function readName(name: string, connectionQuery: string): { name: string; query: string } {
  const { path, query } = splitQuery(name);
  return { name: trimSlashes(path), query: joinQueries(query, connectionQuery) };
}
