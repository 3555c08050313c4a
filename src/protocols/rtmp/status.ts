import type { AmfValue } from "../../containers/amf/amf0.ts";
import type { Command } from "./commands.ts";

/** Codes of `onStatus` and of answers to `connect`, as Flash knows them. */
export const StatusCode = {
  connectSuccess: "NetConnection.Connect.Success",
  connectRejected: "NetConnection.Connect.Rejected",
  connectReconnectRequest: "NetConnection.Connect.ReconnectRequest",
  callFailed: "NetConnection.Call.Failed",
  publishStart: "NetStream.Publish.Start",
  publishBadName: "NetStream.Publish.BadName",
  publishFailed: "NetStream.Publish.Failed",
  unpublishSuccess: "NetStream.Unpublish.Success",
  playReset: "NetStream.Play.Reset",
  playStart: "NetStream.Play.Start",
  playStop: "NetStream.Play.Stop",
  playFailed: "NetStream.Play.Failed",
  playStreamNotFound: "NetStream.Play.StreamNotFound",
  playUnpublishNotify: "NetStream.Play.UnpublishNotify",
  pauseNotify: "NetStream.Pause.Notify",
  unpauseNotify: "NetStream.Unpause.Notify",
  seekFailed: "NetStream.Seek.Failed",
} as const;

export type StatusLevel = "status" | "error";

/** An information object. RTMP 1.0 §7.2.2. */
export function statusInfo(level: StatusLevel, code: string, description: string, more: Record<string, AmfValue> = {}): AmfValue {
  return { level, code, description, ...more };
}

/** `onStatus`: transaction 0, no command object, the information. */
export function onStatus(level: StatusLevel, code: string, description: string, more: Record<string, AmfValue> = {}): Command {
  return { name: "onStatus", transactionId: 0, values: [null, statusInfo(level, code, description, more)] };
}
