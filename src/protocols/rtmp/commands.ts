import { LimitError, ProtocolError } from "../../base/media-error.ts";
import { ByteReader } from "../../bytes/byte-reader.ts";
import type { ByteWriter } from "../../bytes/byte-writer.ts";
import { type AmfValue, readAmf0, writeAmf0 } from "../../containers/amf/amf0.ts";

/** Values of one command, the command object included; the standard's longest has 5. */
const MAX_COMMAND_VALUES = 32;
/** Longest name of a command. */
const MAX_COMMAND_NAME_LENGTH = 128;

/** RTMP 1.0 §7.1.1: a call of the other side. */
export interface Command {
  readonly name: string;
  /** 0 wants no answer; `_result` and `_error` repeat the number of their call. */
  readonly transactionId: number;
  /** The command object, or null, and what comes behind it. */
  readonly values: readonly AmfValue[];
}

/** Reads a command in AMF0. Throws ProtocolError when it is no command, FormatError when it is no AMF0. */
export function readCommand(payload: Uint8Array): Command {
  const reader = new ByteReader(payload, "amf0");
  const name = readAmf0(reader);
  if (typeof name !== "string") throw new ProtocolError("rtmp: a command's name is no string");
  if (name.length > MAX_COMMAND_NAME_LENGTH)
    throw new LimitError(`rtmp: a command's name of ${name.length} characters is above the limit of ${MAX_COMMAND_NAME_LENGTH}`);
  const transactionId = reader.remaining > 0 ? readAmf0(reader) : 0;
  if (typeof transactionId !== "number") throw new ProtocolError(`rtmp: the transaction id of ${name} is no number`);
  const values: AmfValue[] = [];
  while (reader.remaining > 0) {
    if (values.length >= MAX_COMMAND_VALUES) throw new LimitError(`rtmp: ${name} with more than ${MAX_COMMAND_VALUES} values`);
    values.push(readAmf0(reader));
  }
  return { name, transactionId, values };
}

/** Writes the body of an AMF0 command message. */
export function writeCommand(w: ByteWriter, command: Command): void {
  writeAmf0(w, command.name);
  writeAmf0(w, command.transactionId);
  for (const value of command.values) writeAmf0(w, value);
}

/** Writes the body of an AMF0 data message: its name and its values. */
export function writeDataMessage(w: ByteWriter, values: readonly AmfValue[]): void {
  for (const value of values) writeAmf0(w, value);
}
