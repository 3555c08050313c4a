/** ISO/IEC 13818-1 §2.4.3.2: every packet has 188 bytes, 4 of header. */
export const TS_PACKET_BYTES = 188;
export const TS_PAYLOAD_BYTES = 184;
export const SYNC_BYTE = 0x47;

export const PID_PAT = 0x0000;
export const PID_PMT = 0x1000;
export const PID_VIDEO = 0x0100;
export const PID_AUDIO = 0x0101;
/** In the place of a PCR PID: the program has none. §2.4.4.9. */
export const PID_NONE = 0x1fff;

/** Ticks per second of PTS and DTS and of the base of a PCR. */
export const TS_TIMESCALE = 90_000;

/** Adaptation field flags, §2.4.3.4. */
export const FLAG_DISCONTINUITY = 0x80;
export const FLAG_RANDOM_ACCESS = 0x40;
export const FLAG_PCR = 0x10;
