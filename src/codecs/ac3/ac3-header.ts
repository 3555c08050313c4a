import { BitReader } from "../../bytes/bit-reader.ts";
import { FormatError } from "../../bytes/format-error.ts";

/** The header of an AC-3 or E-AC-3 sync frame. ETSI TS 102 366 §4.3, annex E.1.2. */
export interface Ac3Header {
  readonly isEac3: boolean;
  readonly sampleRate: number;
  readonly channels: number;
  readonly samplesPerFrame: number;
  readonly frameBytes: number;
}

const SYNC_WORD = 0x0b77;
const SAMPLE_RATES: readonly number[] = [48000, 44100, 32000];
/** Full-range channels by acmod; one more with the LFE. */
const CHANNELS: readonly number[] = [2, 1, 2, 3, 3, 4, 4, 5];
/** kbit/s by half of frmsizecod. Table 4.13. */
const BITRATES: readonly number[] = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];
/** Above this bsid the syntax is E-AC-3's. */
const MAX_AC3_BSID = 10;
const MAX_BSID = 16;
const BLOCKS: readonly number[] = [1, 2, 3, 6];

/** Reads the header at the start of `bytes`. Throws FormatError when there is no sync word or a field is reserved. */
export function readAc3Header(bytes: Uint8Array): Ac3Header {
  const bits = new BitReader(bytes, "ac3");
  const sync = bits.bits(16);
  if (sync !== SYNC_WORD) throw new FormatError(`ac3: no sync word, but 0x${sync.toString(16)}`);
  const bsid = (bytes[5] ?? 0) >> 3; // at the same place in both
  if (bsid > MAX_BSID) throw new FormatError(`ac3: bsid ${bsid}`);
  return bsid > MAX_AC3_BSID ? readEac3(bits) : readAc3(bits);
}

function readAc3(bits: BitReader): Ac3Header {
  bits.skip(16); // crc1
  const sampleRate = SAMPLE_RATES[bits.bits(2)];
  const frmsizecod = bits.bits(6);
  const bitrate = BITRATES[frmsizecod >> 1];
  if (sampleRate === undefined || bitrate === undefined) throw new FormatError("ac3: fscod or frmsizecod is reserved");
  bits.skip(5 + 3); // bsid, bsmod
  const acmod = bits.bits(3);
  if ((acmod & 1) !== 0 && acmod !== 1) bits.skip(2); // cmixlev
  if ((acmod & 4) !== 0) bits.skip(2); // surmixlev
  if (acmod === 2) bits.skip(2); // dsurmod
  const channels = CHANNELS[acmod]! + bits.bit();
  // 1536 samples; at 44.1 kHz the words do not come out even, and the lowest bit of frmsizecod says which frames have one more
  const words = Math.floor((bitrate * 96_000) / sampleRate) + (sampleRate === 44100 ? frmsizecod & 1 : 0);
  return { isEac3: false, sampleRate, channels, samplesPerFrame: 1536, frameBytes: words * 2 };
}

function readEac3(bits: BitReader): Ac3Header {
  bits.skip(2 + 3); // strmtyp, substreamid
  const frameBytes = (bits.bits(11) + 1) * 2;
  const fscod = bits.bits(2);
  const second = bits.bits(2); // fscod2 or numblkscod
  const sampleRate = fscod === 3 ? (SAMPLE_RATES[second] ?? 0) / 2 : SAMPLE_RATES[fscod]!;
  if (sampleRate === 0) throw new FormatError("ac3: fscod2 is reserved");
  const blocks = fscod === 3 ? 6 : BLOCKS[second]!;
  const channels = CHANNELS[bits.bits(3)]! + bits.bit();
  return { isEac3: true, sampleRate, channels, samplesPerFrame: blocks * 256, frameBytes };
}
