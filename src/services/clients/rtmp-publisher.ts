import { once } from "node:events";
import { PeerClosed } from "../../base/media-error.ts";
import { encodeAmf0 } from "../../containers/amf/amf0.ts";
import type { FlvTag } from "../../containers/flv/flv-tag.ts";
import { RtmpLink } from "./rtmp-link.ts";
import type { StreamUrl } from "./stream-url.ts";
import { type ConnectOptions, END_TIMEOUT_MS, MAX_UNSENT_BYTES, type TagPublisher } from "./tag-publisher.ts";
import { within } from "./within.ts";

/** Publishes by RTMP. Resolves when the server has accepted the stream. */
export async function connectRtmpPublisher(url: StreamUrl, options: ConnectOptions): Promise<TagPublisher> {
  const link = new RtmpLink(url, "publish", () => {}, options);
  const { socket, session } = link;
  socket.on("data", (bytes) => {
    try {
      session.push(bytes);
    } catch (error) {
      link.abort(error instanceof Error ? error : new Error(String(error)));
    }
  });
  await link.ready;
  return new RtmpPublisher(link);
}

class RtmpPublisher implements TagPublisher {
  readonly lost: Promise<Error>;
  readonly #link: RtmpLink;
  #isOver = false;

  constructor(link: RtmpLink) {
    this.#link = link;
    this.lost = new Promise((resolve) => link.ended.then((reason) => !this.#isOver && resolve(reason)));
    link.ended.then(() => {
      this.#isOver = true;
    });
  }

  get sentBytes(): number {
    return this.#link.socket.bytesWritten;
  }

  send({ type, timestamp, data }: FlvTag): Promise<void> | undefined {
    const { session, socket } = this.#link;
    if (this.#isOver || socket.destroyed) return undefined;
    session.sendMedia({ type, timestamp, payload: type === 18 ? asSetDataFrame(data) : data });
    if (socket.writableLength <= MAX_UNSENT_BYTES) return undefined;
    const drained = once(socket, "drain").catch(() => {}); // an error is told by `lost`
    return Promise.race([drained, this.#link.ended]).then(() => {});
  }

  async end(): Promise<void> {
    if (this.#isOver) throw await this.#link.ended;
    this.#isOver = true;
    const { session, socket, ended } = this.#link;
    session.close();
    socket.end();
    await within(END_TIMEOUT_MS, ended);
    this.abort();
  }

  abort(): void {
    this.#isOver = true;
    this.#link.abort(new PeerClosed("stopped"));
  }
}

const SET_DATA_FRAME = encodeAmf0("@setDataFrame");
/** How the script data of a stream's metadata begins. */
const ON_META_DATA = encodeAmf0("onMetaData");

/** RTMP servers take a stream's metadata only behind the name of this call. */
function asSetDataFrame(data: Uint8Array): Uint8Array {
  if (ON_META_DATA.some((byte, i) => data[i] !== byte)) return data;
  const joined = new Uint8Array(SET_DATA_FRAME.length + data.length);
  joined.set(SET_DATA_FRAME);
  joined.set(data, SET_DATA_FRAME.length);
  return joined;
}
