import { EncodedPacketSink, FilePathSource, Input, type InputTrack, MP4, MPEG_TS, QTFF } from "mediabunny";
import { describeError, MediaError } from "../../base/media-error.ts";
import { createTrack } from "../../codecs/codec.ts";
import type { Track } from "../../media/track.ts";
import { withDecodeTimes } from "./decode-times.ts";
import type { MediaEvent, MediaEvents } from "./media-event.ts";
import { MediaFileError } from "./media-file-error.ts";
import { type PacketForm, packetForm } from "./packet-form.ts";

/** Reads an MP4 or MPEG-TS file: its first video and its first audio track, by decoding time. Throws MediaFileError. */
export async function* readMp4OrTsFile(path: string): MediaEvents {
  using input = new Input({ source: new FilePathSource(path), formats: [MP4, QTFF, MPEG_TS] });
  try {
    const tracks = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
    const readers = await Promise.all(tracks.filter((track) => track !== null).map((track) => TrackReader.open(track)));
    yield* interleave(readers.filter((reader) => reader !== undefined));
  } catch (error) {
    if (error instanceof MediaError) throw error;
    throw new MediaFileError(`${path}: is no FLV, MP4 or MPEG-TS file that can be read (${describeError(error)})`, {
      cause: error,
    });
  }
}

/** The events of all readers, the earliest first; the tracks that are known from the start before all. */
async function* interleave(readers: readonly TrackReader[]): MediaEvents {
  const open = [...readers];
  for (const reader of open) yield* reader.takeTrack();
  while (open.length > 0) {
    const times = open.map((reader) => reader.nextSeconds);
    const earliest = times.indexOf(Math.min(...times));
    const reader = open[earliest]!;
    yield* reader.takeNext();
    if (!(await reader.advance())) open.splice(earliest, 1);
  }
}

interface FilePacket {
  /** Seconds. */
  readonly pts: number;
  readonly isKey: boolean;
  readonly data: Uint8Array;
}

/** One track of a file, a packet at a time. */
class TrackReader {
  /** Decoding time of the next packet. */
  nextSeconds = 0;
  readonly #form: PacketForm;
  readonly #timescale: number;
  readonly #packets: AsyncGenerator<{ packet: FilePacket; dts: number }>;
  #track: Track | undefined;
  #isTrackNew = false;
  #next: FilePacket | undefined;

  /** Undefined when the track is empty or of a codec that we do not carry. */
  static async open(track: InputTrack): Promise<TrackReader | undefined> {
    const first = await new EncodedPacketSink(track).getFirstPacket();
    const form = first && (await packetForm(track, first));
    if (!form) return undefined;
    const reader = new TrackReader(track, form, Math.round(await track.getTimeResolution()));
    await reader.advance();
    return reader;
  }

  private constructor(track: InputTrack, form: PacketForm, timescale: number) {
    this.#form = form;
    this.#timescale = timescale;
    this.#packets = withDecodeTimes(readPackets(track));
  }

  /** The track, when it is new or has changed with the next packet. */
  *takeTrack(): Generator<MediaEvent> {
    if (this.#track && this.#isTrackNew) yield { kind: "track", track: this.#track };
    this.#isTrackNew = false;
  }

  /** The next packet as a frame, behind its track. Nothing for packets before the first configuration. */
  *takeNext(): Generator<MediaEvent> {
    yield* this.takeTrack();
    const packet = this.#next;
    if (!packet || !this.#track) return;
    const ticks = (seconds: number) => Math.round(seconds * this.#timescale);
    const times = { dts: ticks(this.nextSeconds), pts: ticks(packet.pts), ptsNanos: 0, arrivalMs: 0 };
    const payload = this.#form.payload(packet.data);
    yield { kind: "frame", frame: { track: this.#track, ...times, isKey: packet.isKey, payload } };
  }

  /** Reads the packet after the next; false at the end. */
  async advance(): Promise<boolean> {
    const step = await this.#packets.next();
    this.#next = step.done ? undefined : step.value.packet;
    if (step.done) return false;
    this.nextSeconds = step.value.dts;
    this.#configure(step.value.packet);
    return true;
  }

  #configure({ data, isKey }: FilePacket): void {
    const config = this.#form.config(data, isKey);
    if (!config) return;
    this.#track = createTrack(this.#form.codec, 0, this.#timescale, config, this.#form.payload(data));
    this.#isTrackNew = true;
  }
}

async function* readPackets(track: InputTrack): AsyncGenerator<FilePacket> {
  for await (const packet of new EncodedPacketSink(track).packets()) {
    yield { pts: packet.timestamp, isKey: packet.type === "key", data: packet.data };
  }
}
