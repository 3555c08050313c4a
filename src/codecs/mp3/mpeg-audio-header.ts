import { ByteReader } from "../../bytes/byte-reader.ts";
import { FormatError } from "../../bytes/format-error.ts";

/** The header of an MPEG audio frame. ISO/IEC 11172-3 §2.4.1.3, ISO/IEC 13818-3 §2.4.2.3. */
export interface MpegAudioHeader {
  /** 1, 2 or 3. */
  readonly layer: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly samplesPerFrame: number;
  /** Header and data; 0 for free format. */
  readonly frameBytes: number;
}

const MPEG1_RATES: readonly number[] = [44100, 48000, 32000];
/** kbit/s by bitrate_index, for layers I, II and III of MPEG-1, then layers I and II/III of MPEG-2. */
const BITRATES: Record<string, readonly number[]> = {
  "1/1": [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  "1/2": [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  "1/3": [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  "2/1": [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  "2/2": [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  "2/3": [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};

/** Reads the four bytes at the start of `bytes`. Throws FormatError when they are no such header. */
export function readMpegAudioHeader(bytes: Uint8Array): MpegAudioHeader {
  const header = new ByteReader(bytes, "mpeg audio").u32();
  const version = (header >>> 19) & 3; // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
  const layer = 4 - ((header >>> 17) & 3);
  const bitrate = BITRATES[`${version === 3 ? 1 : 2}/${layer}`]?.[(header >>> 12) & 15];
  const mpeg1Rate = MPEG1_RATES[(header >>> 10) & 3];
  if (header >>> 21 !== 0x7ff || version === 1 || bitrate === undefined || mpeg1Rate === undefined) {
    throw new FormatError(`mpeg audio: 0x${header.toString(16)} is no frame header`);
  }
  const sampleRate = mpeg1Rate >> (version === 3 ? 0 : version === 2 ? 1 : 2);
  const samplesPerFrame = layer === 1 ? 384 : layer === 3 && version !== 3 ? 576 : 1152;
  const slotBytes = layer === 1 ? 4 : 1;
  const slots = Math.floor((samplesPerFrame * bitrate * 125) / sampleRate / slotBytes) + ((header >>> 9) & 1);
  const channels = ((header >>> 6) & 3) === 3 ? 1 : 2;
  return { layer, sampleRate, channels, samplesPerFrame, frameBytes: bitrate === 0 ? 0 : slots * slotBytes };
}
