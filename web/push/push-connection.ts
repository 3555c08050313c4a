import type { Track } from "../../src/media/track.ts";
import { FlvOutput } from "./flv-output.ts";
import type { EncodedFrame } from "./push-frame.ts";
import type { PushSocket } from "./push-socket.ts";
import type { SendGate } from "./send-gate.ts";

export interface Sent {
  bytes: number;
  frames: number;
  dropped: number;
}

/** One open connection: what the encoders give goes through the gate into the socket. */
export class PushConnection {
  readonly #socket: PushSocket;
  readonly #gate: SendGate;
  readonly #output: FlvOutput;
  readonly #sent: Sent;
  #wantedKey = false;
  /** Pictures before the first key frame are not missed by anybody. */
  #hasBegun = false;

  /** Sends the header at once. `sent` goes on counting over all connections. */
  constructor(options: { socket: PushSocket; gate: SendGate; tracks: readonly Track[]; sent: Sent }) {
    this.#socket = options.socket;
    this.#gate = options.gate;
    this.#sent = options.sent;
    this.#output = new FlvOutput(options.tracks, performance.now() * 1000);
    this.#send(this.#output.start());
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedBytes;
  }

  /** True once each time that the gate has closed and waits for a key frame. */
  takeKeyFrameWish(): boolean {
    const isNew = this.#gate.wantsKeyFrame && !this.#wantedKey;
    this.#wantedKey = this.#gate.wantsKeyFrame;
    return isNew;
  }

  change(track: Track): void {
    this.#send(this.#output.change(track));
  }

  frame(frame: EncodedFrame): void {
    if (!this.#gate.allows(frame, this.#socket.bufferedBytes)) {
      if (frame.isVideo && this.#hasBegun) this.#sent.dropped++;
      return;
    }
    const bytes = this.#output.frame(frame);
    if (!bytes) return;
    this.#send(bytes);
    if (!frame.isVideo) return;
    this.#hasBegun = true;
    this.#sent.frames++;
  }

  #send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#socket.send(bytes);
    this.#sent.bytes += bytes.length;
  }
}
