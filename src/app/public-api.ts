import type { ServerResponse } from "node:http";
import type { HttpHandler } from "../endpoints/http/server.ts";
import { closeSignal } from "../endpoints/tcp/socket-sink.ts";
import type { StreamReport } from "./stream-report.ts";

/** What `GET /api/streams` gives. */
export interface StreamList {
  readonly server: { readonly version: string; readonly startedAt: number; readonly rtmpPort: number | null };
  readonly streams: readonly StreamReport[];
}

/** The read-only API of the pages: `GET /api/streams` and `GET /api/streams/{app}/{name}`. `ask` gets the list from the main thread. */
export function apiHandler(ask: (signal: AbortSignal) => Promise<unknown>): HttpHandler {
  return async (path, _query, request, response) => {
    if (path !== "/api/streams" && !path.startsWith("/api/streams/")) return false;
    if (request.method !== "GET" && request.method !== "HEAD") {
      send(response, 405, { error: { code: "method", message: "this is for reading" } });
      return true;
    }
    const list = (await ask(closeSignal(request.socket))) as StreamList;
    const name = path.slice("/api/streams/".length);
    if (name === "") send(response, 200, list);
    else sendOne(response, list, name);
    return true;
  };
}

function sendOne(response: ServerResponse, list: StreamList, name: string): void {
  const stream = list.streams.find((candidate) => `${candidate.app}/${candidate.name}` === name);
  if (stream) send(response, 200, stream);
  else send(response, 404, { error: { code: "not-found", message: `there is no stream ${name}` } });
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  response.end(`${JSON.stringify(value)}\n`);
}
