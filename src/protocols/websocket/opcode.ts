/** RFC 6455 §5.2. */
export const OPCODE_CONTINUATION = 0x0;
export const OPCODE_TEXT = 0x1;
export const OPCODE_BINARY = 0x2;
export const OPCODE_CLOSE = 0x8;
export const OPCODE_PING = 0x9;
export const OPCODE_PONG = 0xa;

/** All control frames have this bit. §5.5. */
export const CONTROL_BIT = 0x8;
/** §5.5: "All control frames MUST have a payload length of 125 bytes or less". */
export const MAX_CONTROL_BYTES = 125;
