import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MediaError } from "../../base/media-error.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { fromHex } from "../../bytes/hex.ts";
import { ADTS_HEADER_BYTES, configOfAdts, readAdtsHeader, writeAdtsHeader } from "./adts.ts";
import { aacLcConfig, readAudioSpecificConfig, SAMPLING_FREQUENCIES, writeAudioSpecificConfig } from "./audio-specific-config.ts";

const LC = {
  audioObjectType: 2,
  samplingFrequency: 44100,
  channelConfiguration: 2,
  channels: 2,
  hasSbr: false,
  hasPs: false,
  outputFrequency: 44100,
  frameLength: 1024,
};

const VECTORS = [
  { name: "LC, 44.1 kHz stereo, two bytes", bytes: "1210", value: LC },
  { name: "LC with ffmpeg's sync extension that says there is no SBR", bytes: "121056e500", value: LC },
  {
    name: "LC, 48 kHz, 5.1",
    bytes: "11b0",
    value: { ...LC, samplingFrequency: 48000, outputFrequency: 48000, channelConfiguration: 6, channels: 6 },
  },
  {
    name: "HE-AAC, backward compatible signalling",
    bytes: "139056e5a0",
    value: { ...LC, samplingFrequency: 22050, hasSbr: true },
  },
  {
    name: "HE-AAC v2, backward compatible signalling of SBR and PS",
    bytes: "138856e5a54880",
    value: { ...LC, samplingFrequency: 22050, channelConfiguration: 1, hasSbr: true, hasPs: true },
  },
  {
    name: "HE-AAC, hierarchical signalling",
    bytes: "2b920800",
    value: { ...LC, samplingFrequency: 22050, hasSbr: true },
  },
  {
    name: "HE-AAC v2, hierarchical signalling",
    bytes: "eb8a0800",
    value: { ...LC, samplingFrequency: 22050, channelConfiguration: 1, hasSbr: true, hasPs: true },
  },
  {
    name: "LC with 960 samples in a frame",
    bytes: "1194",
    value: { ...LC, samplingFrequency: 48000, outputFrequency: 48000, frameLength: 960 },
  },
  {
    name: "ffmpeg's 6.1 with the channels in a program config element",
    bytes: "118004c848002000c440044c61766356e500",
    value: { ...LC, samplingFrequency: 48000, outputFrequency: 48000, channelConfiguration: 0, channels: 7 },
  },
];

describe("readAudioSpecificConfig", () => {
  test.each(VECTORS)("reads $name", ({ bytes, value }) => {
    expect(readAudioSpecificConfig(fromHex(bytes))).toEqual(value);
  });

  test("reads what was written, frequencies outside the table too", () => {
    const frequency = fc.oneof(fc.constantFrom(...SAMPLING_FREQUENCIES), fc.integer({ min: 1, max: 0xffffff }));
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 3, 4), frequency, fc.integer({ min: 1, max: 7 }), (type, samplingFrequency, channels) => {
        expect(readAudioSpecificConfig(writeAudioSpecificConfig(type, samplingFrequency, channels))).toMatchObject({
          audioObjectType: type,
          samplingFrequency,
          channelConfiguration: channels,
        });
      }),
    );
  });

  test("eight channels are channel configuration 7", () => {
    expect(readAudioSpecificConfig(aacLcConfig(48000, 8))).toMatchObject({ channelConfiguration: 7, channels: 8 });
  });

  test("one byte is not enough, and a reserved frequency is refused", () => {
    expect(() => readAudioSpecificConfig(fromHex("12"))).toThrow("aac config: need 4 bits");
    expect(() => readAudioSpecificConfig(fromHex("1690"))).toThrow("samplingFrequencyIndex 13 is reserved");
  });

  test("random bytes give a value or a MediaError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 16 }), (bytes) => {
        try {
          readAudioSpecificConfig(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("ADTS", () => {
  test("writes the header that ffmpeg writes for LC at 44.1 kHz", () => {
    const w = new ByteWriter();
    writeAdtsHeader(w, LC, 371 - ADTS_HEADER_BYTES);
    expect(w.toBytes()).toEqual(fromHex("fff150802e7ffc"));
  });

  test("reads what was written", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 3, 4),
        fc.constantFrom(...SAMPLING_FREQUENCIES),
        fc.nat(7),
        fc.nat(8184),
        (audioObjectType, samplingFrequency, channelConfiguration, payloadBytes) => {
          const w = new ByteWriter();
          const core = { audioObjectType, samplingFrequency, channelConfiguration };
          writeAdtsHeader(w, { ...LC, ...core }, payloadBytes);
          const header = readAdtsHeader(w.toBytes());
          expect(header).toEqual({ ...core, headerBytes: 7, frameBytes: payloadBytes + 7, rawDataBlocks: 1 });
          if (channelConfiguration > 0) expect(readAudioSpecificConfig(configOfAdts(header))).toMatchObject(core);
        },
      ),
    );
  });

  test("a header with a CRC has nine bytes", () => {
    expect(readAdtsHeader(fromHex("fff050802e7ffc0000"))).toMatchObject({ headerBytes: 9, frameBytes: 371 });
  });

  test("an access unit that 13 bits cannot say is refused", () => {
    expect(() => writeAdtsHeader(new ByteWriter(), LC, 8185)).toThrow("adts: a frame of 8192 bytes is above 8191");
  });

  test("random bytes give a header or a MediaError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (tail) => {
        try {
          const header = readAdtsHeader(Uint8Array.of(0xff, ...tail));
          expect(header.frameBytes).toBeGreaterThanOrEqual(header.headerBytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
