import type { IncomingMessage, ServerResponse } from "node:http";
import { MediaError, ProtocolError } from "../../base/media-error.ts";
import { tsFormat } from "../../containers/mpegts/ts-muxer.ts";
import type { StreamRequest } from "../../hub/hub.ts";
import type { Stream } from "../../hub/stream.ts";
import { formatKey } from "../../hub/stream-key.ts";
import type { EndpointContext } from "../context.ts";
import { errorBody, statusOf } from "../http/answers.ts";
import type { HttpHandler } from "../http/server.ts";
import { peerAddress } from "../tcp/peer-address.ts";
import { closeSignal } from "../tcp/socket-sink.ts";
import { HlsAudience } from "./audience.ts";
import { Segmenter } from "./segmenter.ts";

export interface HlsOptions {
  readonly segmentMs: number;
  readonly listSize: number;
  /** Calls for segments on all threads, so that each can answer. */
  onWanted(stream: Stream): void;
  /** Monotonic ms. */
  now(): number;
}

/** Segments of one stream may take this much memory on one thread. */
const MAX_WINDOW_BYTES = 64 * 1024 * 1024;
/** A stream's segments are no longer made when nobody has asked for so long. */
const IDLE_MS = 60_000;
/** A playlist is asked for before the first segment is complete: so long it may wait, in target durations. */
const FIRST_SEGMENT_TARGETS = 4;
/** RFC 8216 §4: playlists. */
const PLAYLIST_TYPE = "application/vnd.apple.mpegurl";
const PATH = /^\/hls\/([^/]+)\/([^/]+)\/(index\.m3u8|([0-9a-z]{1,12})-([0-9]{1,10})\.ts)$/;

interface Served {
  readonly stream: Stream;
  readonly segmenter: Segmenter;
  readonly audience: HlsAudience;
  askedMs: number;
  /** When the stream was seen to have ended. */
  endedMs: number | undefined;
}

/** Live HLS with MPEG-TS segments at `/hls/{app}/{name}/`, from memory. RFC 8216. */
export class HlsEndpoint {
  readonly #context: EndpointContext;
  readonly #options: HlsOptions;
  readonly #served = new Map<Stream, Served>();
  /** The newest of each name, live or just ended. */
  readonly #byName = new Map<string, Served>();

  constructor(context: EndpointContext, options: HlsOptions) {
    this.#context = context;
    this.#options = options;
  }

  readonly handle: HttpHandler = async (path, query, request, response) => {
    const match = PATH.exec(path);
    if (!match) return false;
    const [, app = "", name = "", file = "", epoch, number] = match;
    if (request.method !== "GET" && request.method !== "HEAD") {
      sendError(response, new ProtocolError(`${request.method} means nothing for HLS`, { code: "method" }), 405);
      return true;
    }
    const remoteAddress = peerAddress(request.socket);
    try {
      const play = { app, name, query, protocol: "hls", remoteAddress };
      const served = await this.#find(play, closeSignal(request.socket));
      served.audience.seen(remoteAddress, request.headers["user-agent"] ?? "", this.#options.now());
      if (file === "index.m3u8") await this.#sendPlaylist(served, request, response);
      else sendSegment(served, epoch ?? "", Number(number), request, response);
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      sendError(response, error, statusOf(error));
    }
    return true;
  };

  /** Makes segments of a stream on this thread from now on. */
  serve(stream: Stream): Served {
    const known = this.#served.get(stream);
    if (known) {
      known.askedMs = this.#options.now();
      return known;
    }
    const { segmentMs, listSize, now, onWanted } = this.#options;
    const epoch = epochOf(stream);
    const segmenter = new Segmenter(stream, tsFormat("av"), {
      playlistSegments: listSize,
      maxSegmentMs: segmentMs,
      maxBytes: MAX_WINDOW_BYTES,
      uriOf: (number) => `${epoch}-${number}.ts`,
    });
    const served = { stream, segmenter, audience: new HlsAudience(stream), askedMs: now(), endedMs: undefined };
    this.#served.set(stream, served);
    this.#byName.set(formatKey(stream.key), served);
    stream.consume(segmenter);
    onWanted(stream);
    return served;
  }

  /** Forgets streams that nobody asks for, or that have ended a while ago. Called about once a second. */
  sweep(): void {
    const now = this.#options.now();
    for (const [stream, served] of this.#served) {
      served.audience.sweep(now);
      if (stream.isEnded) served.endedMs ??= now;
      if (served.endedMs === undefined ? now - served.askedMs < IDLE_MS : now - served.endedMs < this.#keepMs) continue;
      stream.release(served.segmenter);
      served.audience.close();
      this.#served.delete(stream);
      const name = formatKey(stream.key);
      if (this.#byName.get(name) === served) this.#byName.delete(name);
    }
  }

  /** So long the playlist of an ended stream and its segments can be fetched: players are some segments behind. RFC 8216 §6.2.2. */
  get #keepMs(): number {
    return this.#options.segmentMs * (this.#options.listSize + 2);
  }

  /** The live stream of that name, else the one that has just ended. */
  async #find(request: StreamRequest, signal: AbortSignal): Promise<Served> {
    const last = this.#byName.get(`${request.app}/${request.name}`);
    const ended = last?.stream.isEnded && last.segmenter.window.playlist() !== undefined ? last : undefined;
    try {
      return this.serve(await this.#context.hub.find({ ...request, isImpatient: ended !== undefined }, () => signal));
    } catch (error) {
      if (ended && error instanceof MediaError && error.code === "not-found") return ended;
      throw error;
    }
  }

  async #sendPlaylist(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { window } = served.segmenter;
    if (window.playlist() === undefined) await served.segmenter.nextSegment(this.#options.segmentMs * FIRST_SEGMENT_TARGETS);
    const playlist = window.playlist();
    if (playlist === undefined) {
      response.setHeader("Retry-After", "1");
      throw new ProtocolError("the first segment is not complete yet", { code: "overloaded" });
    }
    const headers = { "Content-Type": PLAYLIST_TYPE, "Cache-Control": "no-cache", "Content-Length": Buffer.byteLength(playlist) };
    response.writeHead(200, headers);
    response.end(request.method === "HEAD" ? undefined : playlist);
  }
}

/** Part of each segment's name: another life of the stream never gives other bytes under an old name. */
function epochOf(stream: Stream): string {
  return stream.epoch.toString(36);
}

function sendSegment(served: Served, epoch: string, number: number, request: IncomingMessage, response: ServerResponse): void {
  const bytes = epoch === epochOf(served.stream) ? served.segmenter.window.segment(number) : undefined;
  if (!bytes) throw new ProtocolError(`segment ${epoch}-${number} is not there (any more)`, { code: "not-found" });
  const headers = {
    "Content-Type": "video/mp2t",
    "Cache-Control": "public, max-age=3600, immutable",
    "Content-Length": bytes.length,
  };
  response.writeHead(200, headers);
  response.end(request.method === "HEAD" ? undefined : bytes);
}

function sendError(response: ServerResponse, error: MediaError, status: number): void {
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  response.end(errorBody(error));
}
