import { BitReader } from "../../bytes/bit-reader.ts";
import { FormatError } from "../../bytes/format-error.ts";

/** What an AudioSpecificConfig says. ISO/IEC 14496-3 §1.6.2.1. */
export interface AudioSpecificConfig {
  /** Of the core codec: 2 = AAC LC. With explicit SBR or PS signalling that is the object type behind it. */
  readonly audioObjectType: number;
  /** Hz of the core codec: what an ADTS header holds. */
  readonly samplingFrequency: number;
  readonly channelConfiguration: number;
  /** Channels that come out of the decoder: 2 for parametric stereo; 0 when the configuration does not say. */
  readonly channels: number;
  readonly hasSbr: boolean;
  readonly hasPs: boolean;
  /** Hz that come out of the decoder: with explicit SBR usually twice `samplingFrequency`. */
  readonly outputFrequency: number;
  /** Samples of the core codec in an access unit: 1024 or 960. */
  readonly frameLength: number;
}

/** Table 1.18, by samplingFrequencyIndex. */
export const SAMPLING_FREQUENCIES: readonly number[] = [
  96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
];
/** Table 1.19, by channelConfiguration; 0: the program config element says. */
const CHANNELS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8];

const AAC_LC = 2;
const SBR = 5;
const PS = 29;
/** General audio object types: they have a GASpecificConfig. §1.6.2.1. */
const GENERAL_AUDIO = new Set([1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23]);
const SYNC_EXTENSION_SBR = 0x2b7;
const SYNC_EXTENSION_PS = 0x548;

/**
 * Reads the configuration, with SBR and PS signalled in front (hierarchical) or behind (backward compatible, §1.6.5). SBR that is
 * not signalled at all only the decoder finds. Throws FormatError when the bits run out before the core is known.
 */
export function readAudioSpecificConfig(bytes: Uint8Array): AudioSpecificConfig {
  const bits = new BitReader(bytes, "aac config");
  let audioObjectType = readObjectType(bits);
  const samplingFrequency = readFrequency(bits);
  const channelConfiguration = bits.bits(4);
  let outputFrequency = samplingFrequency;
  const hasPsInFront = audioObjectType === PS;
  let hasSbr = audioObjectType === SBR || hasPsInFront;
  const isHierarchical = hasSbr;
  if (isHierarchical) {
    outputFrequency = readFrequency(bits);
    audioObjectType = readObjectType(bits);
  }
  const core = readGeneralAudio(bits, audioObjectType, channelConfiguration);
  let hasPs = hasPsInFront;
  if (!isHierarchical && core.isComplete) {
    const extension = readSyncExtension(bits);
    hasSbr = extension.hasSbr;
    hasPs = extension.hasPs;
    if (extension.frequency > 0) outputFrequency = extension.frequency;
  }
  const channels = hasPs && core.channels === 1 ? 2 : core.channels;
  const { frameLength } = core;
  return { audioObjectType, samplingFrequency, channelConfiguration, channels, hasSbr, hasPs, outputFrequency, frameLength };
}

/** GetAudioObjectType(), table 1.16. */
function readObjectType(bits: BitReader): number {
  const type = bits.bits(5);
  return type === 31 ? 32 + bits.bits(6) : type;
}

function readFrequency(bits: BitReader): number {
  const index = bits.bits(4);
  if (index === 15) return bits.bits(24);
  const frequency = SAMPLING_FREQUENCIES[index];
  if (frequency === undefined) throw new FormatError(`aac config: samplingFrequencyIndex ${index} is reserved`);
  return frequency;
}

interface CoreConfig {
  readonly channels: number;
  readonly frameLength: number;
  /** Whether the position is behind the core's configuration, so that an extension can follow. */
  readonly isComplete: boolean;
}

/** GASpecificConfig(), table 4.1. Other kinds of object type are not read further. */
function readGeneralAudio(bits: BitReader, audioObjectType: number, channelConfiguration: number): CoreConfig {
  const channels = CHANNELS[channelConfiguration] ?? 0;
  // some encoders send five bits less than a whole GASpecificConfig: object type, frequency and channels are enough to decode
  if (!GENERAL_AUDIO.has(audioObjectType) || bits.remaining < 3) return { channels, frameLength: 1024, isComplete: false };
  const frameLength = bits.flag() ? 960 : 1024;
  if (bits.flag()) bits.skip(Math.min(14, bits.remaining)); // dependsOnCoreCoder, coreCoderDelay
  const hasExtension = bits.remaining > 0 && bits.flag();
  const isProgramConfig = channelConfiguration === 0 && bits.remaining > 0;
  const counted = isProgramConfig ? readProgramConfig(bits) : channels;
  return { channels: counted, frameLength, isComplete: !hasExtension };
}

/** program_config_element(), table 4.2: only its channels are of interest. */
function readProgramConfig(bits: BitReader): number {
  bits.skip(4 + 2 + 4); // element_instance_tag, object_type, sampling_frequency_index
  const front = bits.bits(4);
  const side = bits.bits(4);
  const back = bits.bits(4);
  const lfe = bits.bits(2);
  const associatedData = bits.bits(3);
  const coupling = bits.bits(4);
  if (bits.flag()) bits.skip(4); // mono mixdown
  if (bits.flag()) bits.skip(4); // stereo mixdown
  if (bits.flag()) bits.skip(3); // matrix mixdown
  let channels = lfe;
  for (let i = 0; i < front + side + back; i++) {
    channels += bits.flag() ? 2 : 1;
    bits.skip(4);
  }
  bits.skip(lfe * 4 + associatedData * 4 + coupling * 5);
  bits.skip(-bits.offset & 7); // byte_alignment()
  bits.skip(bits.bits(8) * 8); // comment
  return channels;
}

/** The backward compatible signalling behind the core's configuration. Bits that run out signal nothing. */
function readSyncExtension(bits: BitReader): { hasSbr: boolean; hasPs: boolean; frequency: number } {
  const none = { hasSbr: false, hasPs: false, frequency: 0 };
  if (bits.remaining < 17 || bits.bits(11) !== SYNC_EXTENSION_SBR || readObjectType(bits) !== SBR) return none;
  if (!bits.flag() || bits.remaining < 4) return none;
  const index = bits.bits(4);
  if (index === 15 && bits.remaining < 24) return none;
  const frequency = index === 15 ? bits.bits(24) : (SAMPLING_FREQUENCIES[index] ?? 0);
  const hasPs = bits.remaining >= 12 && bits.bits(11) === SYNC_EXTENSION_PS && bits.flag();
  return { hasSbr: true, hasPs, frequency };
}

/**
 * The two-byte configuration (five with a frequency outside the table) of a stream without SBR: what ADTS and browsers' encoders
 * have. `frequency` in Hz.
 */
export function writeAudioSpecificConfig(audioObjectType: number, frequency: number, channelConfiguration: number): Uint8Array {
  const index = SAMPLING_FREQUENCIES.indexOf(frequency);
  const head = (audioObjectType << 4) | (index < 0 ? 15 : index); // 5 + 4 bits
  if (index >= 0) return Uint8Array.of(head >> 1, ((head & 1) << 7) | (channelConfiguration << 3));
  const tail = (frequency * 128 + (channelConfiguration << 3)) >>> 0; // 24 + 4 + 3 bits behind the one of the head
  return Uint8Array.of(head >> 1, ((head & 1) << 7) | (tail >>> 24), tail >>> 16, tail >>> 8, tail);
}

/** The plain configuration that decoders of ADTS assume: AAC LC. */
export function aacLcConfig(frequency: number, channels: number): Uint8Array {
  return writeAudioSpecificConfig(AAC_LC, frequency, channels === 8 ? 7 : channels);
}
