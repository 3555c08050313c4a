import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MediaError } from "../../base/media-error.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { avcConfigOf, writeAvcConfig } from "../../codecs/h264/avc-config.ts";
import { writeLengthPrefixed } from "../../codecs/h264/nal-units.ts";
import type { Frame } from "../../media/frame.ts";
import type { Prologue } from "../../media/prologue.ts";
import { type Codec, type Track, type TrackKind, trackId } from "../../media/track.ts";
import { readStrictTs, type StrictTs } from "./strict-ts-reader.ts";
import { TsMuxer, tsFormat } from "./ts-muxer.ts";
import { PID_AUDIO, PID_VIDEO } from "./ts-packet.ts";

const SPS = Uint8Array.of(0x67, 0x42, 0xc0, 0x1e, 0xd9);
const PPS = Uint8Array.of(0x68, 0xce);
const AUD = [0, 0, 0, 1, 0x09, 0xf0];
const PARAMETER_SETS = [0, 0, 0, 1, ...SPS, 0, 0, 0, 1, ...PPS];

function track(kind: TrackKind, codec: Codec, changes: Partial<Track> = {}): Track {
  const config = codec === "h264" ? writeAvcConfig(avcConfigOf([SPS], [PPS])) : new Uint8Array(0);
  return {
    id: trackId(kind, 0),
    kind,
    codec,
    timescale: 1000,
    config,
    width: 0,
    height: 0,
    sampleRate: 0,
    channels: 0,
    ...changes,
  };
}

const VIDEO = track("video", "h264");
const AUDIO = track("audio", "mp3");

function prologue(tracks: Track[], version = 1): Prologue {
  return { version, tracks, metadata: new Uint8Array(0) };
}

function frame(of: Track, dts: number, payload: Uint8Array, changes: Partial<Frame> = {}): Frame {
  return { track: of, dts, pts: dts, ptsNanos: 0, isKey: true, arrivalMs: 0, payload, ...changes };
}

function accessUnit(...units: number[][]): Uint8Array {
  const w = new ByteWriter();
  writeLengthPrefixed(
    w,
    units.map((unit) => Uint8Array.from(unit)),
  );
  return w.toBytes();
}

/** Muxes as a rendition does; checks the bounds that the muxer gave. */
function mux(frames: Frame[], of = prologue([VIDEO, AUDIO]), muxer = new TsMuxer("av")): StrictTs {
  const w = new ByteWriter();
  muxer.writeGopStart(w, of, 0);
  expect(w.offset).toBeLessThanOrEqual(muxer.maxPrologueBytes());
  for (const each of frames) {
    const before = w.offset;
    muxer.writeFrame(w, each);
    expect(w.offset - before).toBeLessThanOrEqual(muxer.maxFrameBytes(each));
  }
  return readStrictTs(w.toBytes());
}

describe("H.264 in MPEG-TS", () => {
  const idr = accessUnit([0x65, 1, 2]);

  test("gets a delimiter, and before a key frame the parameter sets of the configuration", () => {
    const { pes } = mux([frame(VIDEO, 0, idr), frame(VIDEO, 40, accessUnit([0x41, 3]), { isKey: false })]);
    expect([...(pes[0]?.payload ?? [])]).toEqual([...AUD, ...PARAMETER_SETS, 0, 0, 0, 1, 0x65, 1, 2]);
    expect([...(pes[1]?.payload ?? [])]).toEqual([...AUD, 0, 0, 0, 1, 0x41, 3]);
    expect(pes.map(({ isRandomAccess }) => isRandomAccess)).toEqual([true, false]);
  });

  test("keeps the delimiter and the parameter sets that the publisher sent", () => {
    const own = accessUnit([0x09, 0x10], [0x67, 9], [0x68, 8], [0x65, 1]);
    const { pes } = mux([frame(VIDEO, 0, own)]);
    expect([...(pes[0]?.payload ?? [])]).toEqual([
      0, 0, 0, 1, 9, 16, 0, 0, 0, 1, 0x67, 9, 0, 0, 0, 1, 0x68, 8, 0, 0, 0, 1, 0x65, 1,
    ]);
  });

  test("has the parameter sets behind the publisher's delimiter, and no empty NAL units", () => {
    const { pes } = mux([frame(VIDEO, 0, accessUnit([0x09, 0x10], [], [0x65, 1]))]);
    expect([...(pes[0]?.payload ?? [])]).toEqual([0, 0, 0, 1, 9, 16, ...PARAMETER_SETS, 0, 0, 0, 1, 0x65, 1]);
  });

  test("throws for an access unit whose lengths run past its end, before it writes", () => {
    const muxer = new TsMuxer("av");
    const w = new ByteWriter();
    muxer.writeGopStart(w, prologue([VIDEO]), 0);
    const before = w.offset;
    expect(() => muxer.writeFrame(w, frame(VIDEO, 0, Uint8Array.of(0, 0, 0, 9, 0x65)))).toThrow(FormatError);
    expect(w.offset).toBe(before);
    muxer.writeFrame(w, frame(VIDEO, 0, idr));
    expect(readStrictTs(w.toBytes()).pes).toHaveLength(1);
  });

  test("leaves an access unit without NAL units out", () => {
    expect(mux([frame(VIDEO, 0, new Uint8Array(0)), frame(VIDEO, 0, accessUnit([]))]).pes).toEqual([]);
  });
});

describe("the time in MPEG-TS", () => {
  const idr = accessUnit([0x65, 1, 2]);

  test("is 200 ms ahead of the PCR, with a DTS only where it differs", () => {
    const { pes, pcrs } = mux([frame(VIDEO, 1000, idr, { pts: 1080 })]);
    expect(pes[0]).toMatchObject({ pts: 1280 * 90, dts: 1200 * 90 });
    expect(pcrs).toEqual([1000 * 90]);
  });

  test("wraps at 33 bits, PTS before DTS", () => {
    const wrapMs = 2 ** 33 / 90;
    const { pes, pcrs } = mux([frame({ ...VIDEO, timescale: 90_000 }, 2 ** 33 - 18_001, idr, { pts: 2 ** 33 - 17_000 })]);
    expect(pes[0]).toMatchObject({ dts: 2 ** 33 - 1, pts: 1000 });
    expect(pcrs).toEqual([2 ** 33 - 18_001]);
    expect(mux([frame(VIDEO, Math.ceil(wrapMs) + 5, idr)]).pcrs[0]).toBeLessThan(1000);
  });

  test("never has a PTS before the DTS", () => {
    expect(mux([frame(VIDEO, 100, idr, { pts: 50 })]).pes[0]).toMatchObject({ pts: 300 * 90, dts: 300 * 90 });
  });

  test("has a PCR at least every 100 ms on the video PID, also where only audio comes", () => {
    const frames = Array.from({ length: 50 }, (_, i) => frame(AUDIO, i * 24, new Uint8Array(100)));
    const { pcrs, pcrPid } = mux([frame(VIDEO, 0, idr), ...frames, frame(VIDEO, 1190, idr), frame(VIDEO, 1230, idr)]);
    expect(pcrPid).toBe(PID_VIDEO);
    const gaps = pcrs.slice(1).map((pcr, i) => pcr - (pcrs[i] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(9000);
    expect(Math.min(...gaps)).toBeGreaterThan(0);
    expect(pcrs.at(-1)).toBe(1230 * 90);
  });

  test("has its PCR on the audio PID when there is no video", () => {
    const frames = Array.from({ length: 50 }, (_, i) => frame(AUDIO, i * 24, new Uint8Array(100)));
    const { pcrs, pcrPid } = mux(frames, prologue([AUDIO]));
    expect(pcrPid).toBe(PID_AUDIO);
    expect(Math.max(...pcrs.slice(1).map((pcr, i) => pcr - (pcrs[i] ?? 0)))).toBeLessThanOrEqual(9000);
    expect(pcrs.length).toBeLessThan(25);
  });

  test("begins a new clock when it goes back by more than a second", () => {
    expect(mux([frame(VIDEO, 5000, idr), frame(VIDEO, 4990, idr), frame(VIDEO, 0, idr)]).pcrs).toEqual([450_000, 0]);
  });
});

describe("the tables of MPEG-TS", () => {
  test("list the first video and audio track, by selection", () => {
    const second = track("video", "h264", { id: trackId("video", 1) });
    const all = prologue([second, VIDEO, AUDIO]);
    expect([...mux([], all).streams]).toEqual([
      [PID_VIDEO, 0x1b],
      [PID_AUDIO, 0x03],
    ]);
    expect([...mux([], all, new TsMuxer("video")).streams.keys()]).toEqual([PID_VIDEO]);
    expect([...mux([], all, new TsMuxer("audio")).streams.keys()]).toEqual([PID_AUDIO]);
    expect(mux([frame(second, 0, accessUnit([0x65]))], all).pes).toEqual([]);
    expect([tsFormat("av").name, tsFormat("audio").name, tsFormat("video").name]).toEqual(["ts", "ts/audio", "ts/video"]);
  });

  test("leave out what MPEG-TS does not carry, and what has no sensible configuration", () => {
    const av1 = track("video", "av1");
    const broken = track("video", "h264", { config: Uint8Array.of(1, 2) });
    for (const video of [av1, broken]) {
      const { streams, pes, pcrPid } = mux(
        [frame(video, 0, accessUnit([0x65])), frame(AUDIO, 0, Uint8Array.of(1, 2, 3, 4))],
        prologue([video, AUDIO]),
      );
      expect([...streams.keys()]).toEqual([PID_AUDIO]);
      expect(pes).toHaveLength(1);
      expect(pcrPid).toBe(PID_AUDIO);
    }
  });

  test("are repeated at GOP starts, but not more than twice a second", () => {
    const muxer = new TsMuxer("av");
    const w = new ByteWriter();
    for (let ms = 0; ms < 2000; ms += 24) {
      muxer.writeGopStart(w, prologue([AUDIO]), ms);
      muxer.writeFrame(w, frame(AUDIO, ms, Uint8Array.of(1, 2, 3, 4)));
    }
    expect(readStrictTs(w.toBytes()).tables).toBe(4);
  });

  test("come again when tracks change, and not when only a decoder configuration does", () => {
    const muxer = new TsMuxer("av");
    const w = new ByteWriter();
    muxer.writeGopStart(w, prologue([VIDEO]), 0);
    const other = track("video", "h264", { config: writeAvcConfig(avcConfigOf([Uint8Array.of(0x67, 1, 2, 3)], [PPS])) });
    muxer.writeChange(w, prologue([VIDEO]), prologue([other], 2));
    muxer.writeFrame(w, frame(other, 0, accessUnit([0x65])));
    const first = readStrictTs(w.toBytes());
    expect(first.tables).toBe(1);
    expect([...(first.pes[0]?.payload ?? [])].slice(6, 14)).toEqual([0, 0, 0, 1, 0x67, 1, 2, 3]);
    muxer.writeChange(w, prologue([other], 2), prologue([other, AUDIO], 3));
    muxer.writeFrame(w, frame(AUDIO, 0, Uint8Array.of(1, 2, 3, 4)));
    expect(readStrictTs(w.toBytes())).toMatchObject({ tables: 2 });
  });

  test("for a viewer who joins further back do not change what is muxed", () => {
    const muxer = new TsMuxer("av");
    muxer.writeGopStart(new ByteWriter(), prologue([VIDEO, AUDIO], 2), 0);
    const start = new ByteWriter();
    muxer.writeStart(start, prologue([VIDEO], 1));
    expect([...readStrictTs(start.toBytes()).streams.keys()]).toEqual([PID_VIDEO]);
    expect(muxer.maxFrameBytes(frame(AUDIO, 0, Uint8Array.of(1, 2, 3, 4)))).toBeGreaterThan(0);
  });
});

test("audio that no PES packet can hold is left out", () => {
  expect(mux([frame(AUDIO, 0, new Uint8Array(70_000)), frame(AUDIO, 24, new Uint8Array(65_522))]).pes).toHaveLength(1);
});

test("AAC access units have an ADTS header, and configurations that ADTS cannot say are left out", () => {
  const aac = track("audio", "aac", { config: Uint8Array.of(0x12, 0x10) });
  const { pes, streams } = mux([frame(aac, 0, Uint8Array.of(0x21, 0x10)), frame(aac, 24, new Uint8Array(8185))], prologue([aac]));
  expect(pes.map(({ payload }) => [...payload])).toEqual([[0xff, 0xf1, 0x50, 0x80, 0x01, 0x3f, 0xfc, 0x21, 0x10]]);
  expect([...streams.values()]).toEqual([0x0f]);
  const eld = track("audio", "aac", { config: Uint8Array.of(0xf8, 0xe8, 0x40, 0x00) }); // object type 39
  const frames960 = track("audio", "aac", { config: Uint8Array.of(0x12, 0x14) });
  for (const other of [eld, frames960]) expect(mux([], prologue([other])).streams.size).toBe(0);
});

test("Opus packets have a control header with their size, and its descriptors", () => {
  const opus = track("audio", "opus", { config: Uint8Array.of(...new Uint8Array(9), 2, ...new Uint8Array(9)) });
  for (const size of [0, 1, 254, 255, 256, 600]) {
    const { pes, streams } = mux([frame(opus, 0, new Uint8Array(size).fill(0xaa))], prologue([opus]));
    const header = [0x7f, 0xe0, ...new Array<number>(Math.floor(size / 255)).fill(255), size % 255];
    expect([...(pes[0]?.payload ?? [])].slice(0, header.length)).toEqual(header);
    expect(pes[0]?.payload).toHaveLength(header.length + size);
    expect(pes[0]?.streamId).toBe(0xbd);
    expect([...streams.values()]).toEqual([0x06]);
  }
  const ambisonic = track("audio", "opus", { config: Uint8Array.of(...new Uint8Array(9), 4, ...new Uint8Array(8), 2) });
  expect(mux([], prologue([ambisonic])).streams.size).toBe(0);
});

/** Frames of any size, audio and video in any order, on a growing clock. */
const anyFrames = fc
  .array(
    fc.record({ isVideo: fc.boolean(), size: fc.nat({ max: 900 }), stepMs: fc.nat({ max: 60 }), delayMs: fc.nat({ max: 200 }) }),
    {
      minLength: 1,
      maxLength: 30,
    },
  )
  .map((list) => {
    let dts = 0;
    return list.map(({ isVideo, size, stepMs, delayMs }, i) => {
      dts += stepMs;
      const body = new Uint8Array(size + 4).fill(i + 1);
      const payload = isVideo ? accessUnit([0x41, ...body]) : body;
      return frame(isVideo ? VIDEO : AUDIO, dts, payload, { isKey: !isVideo, pts: dts + (isVideo ? delayMs : 0) });
    });
  });

const expectedPayload = ({ track: of, payload }: Frame) =>
  of === VIDEO ? [...AUD, 0, 0, 0, 1, ...payload.subarray(4)] : [...payload];

test("any frames come out of a strict demuxer as they went in, within the bounds given", () => {
  fc.assert(
    fc.property(anyFrames, (frames) => {
      const { pes } = mux(frames);
      for (const [of, pid] of [
        [VIDEO, PID_VIDEO],
        [AUDIO, PID_AUDIO],
      ] as const) {
        const expected = frames.filter((each) => each.track === of);
        const found = pes.filter((each) => each.pid === pid);
        expect(found.map(({ payload }) => [...payload])).toEqual(expected.map(expectedPayload));
        expect(found.map(({ dts }) => dts)).toEqual(expected.map(({ dts }) => (dts + 200) * 90));
        expect(found.map(({ pts }) => pts)).toEqual(expected.map(({ pts }) => (pts + 200) * 90));
      }
    }),
    { numRuns: 150 },
  );
});

test("audio shorter than a frame header is left out", () => {
  expect(mux([frame(AUDIO, 0, Uint8Array.of(0xff, 0xfb, 0x90))]).pes).toEqual([]);
});

test("hostile payloads and configurations write a valid stream or throw a MediaError", () => {
  const codecs: [TrackKind, Codec][] = [
    ["video", "h264"],
    ["video", "hevc"],
    ["audio", "aac"],
    ["audio", "opus"],
    ["audio", "ac3"],
  ];
  const config = fc.uint8Array({ maxLength: 40 }).map((bytes) => (bytes.length % 2 ? bytes : VIDEO.config));
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => accessUnit([...bytes], [1])),
  );
  fc.assert(
    fc.property(fc.constantFrom(...codecs), config, fc.array(payload, { maxLength: 4 }), ([kind, codec], config, payloads) => {
      const of = track(kind, codec, { config });
      const w = new ByteWriter();
      const muxer = new TsMuxer("av");
      muxer.writeStart(w, prologue([of]));
      for (const each of payloads) {
        const hostile = frame(of, 0, each);
        const before = w.offset;
        try {
          muxer.writeFrame(w, hostile);
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
          expect(w.offset).toBe(before);
        }
        expect(w.offset - before).toBeLessThanOrEqual(muxer.maxFrameBytes(hostile));
      }
      muxer.writeEnd(w);
      readStrictTs(w.toBytes());
    }),
    { numRuns: 1000 },
  );
});

describe("a segment", () => {
  const write = (frames: Frame[]) => {
    const w = new ByteWriter();
    const muxer = new TsMuxer("av");
    muxer.writeStart(w, prologue([VIDEO, AUDIO]));
    for (const each of frames) muxer.writeFrame(w, each);
    muxer.writeEnd(w);
    return w.toBytes();
  };

  test("has the same bytes whoever writes it, holds its frames, and its counters continue in the next", () => {
    fc.assert(
      fc.property(fc.array(anyFrames, { minLength: 2, maxLength: 4 }), (segments) => {
        const parts = segments.map(write);
        const joined = Uint8Array.from(parts.flatMap((part) => [...part]));
        const { pes } = readStrictTs(joined);
        for (const [of, pid] of [
          [VIDEO, PID_VIDEO],
          [AUDIO, PID_AUDIO],
        ] as const) {
          const expected = segments.flat().filter((each) => each.track === of);
          const found = pes.filter((each) => each.pid === pid);
          expect(found.map(({ payload }) => [...payload])).toEqual(expected.map(expectedPayload));
        }
        for (const [i, part] of parts.entries()) {
          expect(readStrictTs(part).tables).toBe(1);
          expect(part).toEqual(write(segments[i] ?? []));
        }
      }),
      { numRuns: 100 },
    );
  });
});
