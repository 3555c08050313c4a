import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { ConnectionError, connectError, lostError, statusError } from "./client-error.ts";
import { readFlvTags } from "./flv-tags.ts";
import { readReason } from "./http-answer.ts";
import { parseStreamUrl, type StreamUrl } from "./stream-url.ts";
import { CONNECT_TIMEOUT_MS } from "./tag-publisher.ts";
import { IDLE_TIMEOUT_MS, type SourceOptions, type TagSource } from "./tag-source.ts";

const MAX_REDIRECTS = 5;

/** Plays HTTP-FLV. */
export async function* playHttpFlv(url: StreamUrl, options: SourceOptions): TagSource {
  const answer = await followRedirects(url, options);
  const { idleTimeoutMs = IDLE_TIMEOUT_MS } = options;
  answer.setTimeout(idleTimeoutMs, () =>
    answer.destroy(new ConnectionError(`${url.shown}: nothing came for ${idleTimeoutMs} ms`)),
  );
  try {
    yield* readFlvTags(answer);
  } catch (error) {
    throw lostError(url.shown, error);
  } finally {
    answer.destroy();
  }
}

async function followRedirects(url: StreamUrl, options: SourceOptions): Promise<IncomingMessage> {
  let at = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const answer = await get(at, options);
    const status = answer.statusCode ?? 0;
    if (status === 200) return answer;
    const { location } = answer.headers;
    if (status < 300 || status >= 400 || location === undefined) throw statusError(at.shown, status, await readReason(answer));
    answer.destroy();
    at = parseStreamUrl(URL.parse(location, at.href)?.href ?? location);
  }
  throw new ConnectionError(`${url.shown}: more than ${MAX_REDIRECTS} redirects`);
}

async function get(url: StreamUrl, { signal, connectTimeoutMs = CONNECT_TIMEOUT_MS }: SourceOptions): Promise<IncomingMessage> {
  const request: ClientRequest = (url.isTls ? requestHttps : requestHttp)(url.href, { agent: false, signal });
  const timer = setTimeout(() => {
    request.destroy(new ConnectionError(`cannot connect to ${url.shown}: no answer within ${connectTimeoutMs} ms`));
  }, connectTimeoutMs);
  request.end();
  try {
    const [answer] = (await once(request, "response")) as [IncomingMessage];
    return answer;
  } catch (error) {
    throw connectError(url.shown, error);
  } finally {
    clearTimeout(timer);
    request.on("error", () => {}); // later ones end the answer too
  }
}
