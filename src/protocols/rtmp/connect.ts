import { ProtocolError } from "../../base/media-error.ts";
import { type AmfValue, amfProperties } from "../../containers/amf/amf-value.ts";
import type { Command } from "./commands.ts";
import { StatusCode, statusInfo } from "./status.ts";
import { MAX_URL_LENGTH, readApp, readText } from "./stream-path.ts";

/** Enhanced RTMP v2, CapsExMask. */
export const CapsEx = { reconnect: 1, multitrack: 2, modEx: 4, timestampNanoOffset: 8 } as const;
/** Enhanced RTMP v2, FourCcInfoMask. */
const FourCcInfo = { canDecode: 1, canEncode: 2, canForward: 4 } as const;

/** All that our FLV reader and writer know. */
const CAPS_EX = CapsEx.reconnect | CapsEx.multitrack | CapsEx.modEx | CapsEx.timestampNanoOffset;
const VIDEO_FOUR_CCS: readonly string[] = ["avc1", "hvc1", "av01", "vp09", "vp08"];
const AUDIO_FOUR_CCS: readonly string[] = ["mp4a", "Opus", "ac-3", "ec-3", "fLaC", ".mp3"];

/** Entries of a fourCcList or FourCC map that we look at. */
const MAX_FOUR_CCS = 64;

/** What a client says of itself. RTMP 1.0 §7.2.1.1, and Enhanced RTMP's additions. */
export interface ConnectRequest {
  /** Without slashes at its ends and without query. */
  readonly app: string;
  /** The query of `app` and of `tcUrl`, without question mark; "" when there was none. */
  readonly query: string;
  readonly tcUrl: string;
  readonly flashVer: string;
  /** 0: AMF0, 3: AMF3 too. */
  readonly objectEncoding: number;
  /** FourCCs, or "*", of `fourCcList` and of both info maps. */
  readonly fourCcList: readonly string[];
  /** Sum of `CapsEx`; 0 from clients before Enhanced RTMP v2. */
  readonly capsEx: number;
}

/** A field of an AMF object, undefined when it has none or is none. */
export function field(value: AmfValue, name: string): AmfValue {
  const properties = amfProperties(value);
  return properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

const numberOr = (value: AmfValue, otherwise: number): number => (typeof value === "number" ? value : otherwise);

function readFourCcs(object: AmfValue): string[] {
  const list = field(object, "fourCcList");
  const names = Array.isArray(list) ? list.filter((name) => typeof name === "string") : [];
  for (const map of [field(object, "videoFourCcInfoMap"), field(object, "audioFourCcInfoMap")])
    names.push(...Object.keys(amfProperties(map) ?? {}));
  return [...new Set(names)].slice(0, MAX_FOUR_CCS);
}

/** Reads the command object of `connect`. */
export function readConnect(command: Command): ConnectRequest {
  const object = command.values[0];
  if (!amfProperties(object)) throw new ProtocolError("rtmp: connect without a command object");
  const tcUrl = readText(field(object, "tcUrl"), "tcUrl", MAX_URL_LENGTH);
  return {
    ...readApp(readText(field(object, "app"), "app"), tcUrl),
    tcUrl,
    flashVer: readText(field(object, "flashVer"), "flashVer"),
    objectEncoding: numberOr(field(object, "objectEncoding"), 0),
    fourCcList: readFourCcs(object),
    capsEx: numberOr(field(object, "capsEx"), 0),
  };
}

/** What our side can do, in the form that both sides use. A server forwards; whether it can decode is nobody's business. */
function enhancements(): Record<string, AmfValue> {
  const infoMap = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, FourCcInfo.canForward]));
  return {
    fourCcList: [...VIDEO_FOUR_CCS, ...AUDIO_FOUR_CCS],
    videoFourCcInfoMap: infoMap(VIDEO_FOUR_CCS),
    audioFourCcInfoMap: infoMap(AUDIO_FOUR_CCS),
    capsEx: CAPS_EX,
  };
}

/** The `_result` of `connect`. Enhanced RTMP's part is in the properties and only for clients that speak it. */
export function connectResult(transactionId: number, request: ConnectRequest): Command {
  const isEnhanced = request.capsEx !== 0 || request.fourCcList.length > 0;
  const properties: AmfValue = { fmsVer: "FMS/3,5,7,7009", capabilities: 31, mode: 1, ...(isEnhanced ? enhancements() : {}) };
  const info = statusInfo("status", StatusCode.connectSuccess, "Connection succeeded.", {
    objectEncoding: request.objectEncoding === 3 ? 3 : 0,
  });
  return { name: "_result", transactionId, values: [properties, info] };
}

/** The `_error` of a `connect` that is refused. */
export function connectError(transactionId: number, code: string, description: string): Command {
  return { name: "_error", transactionId, values: [null, statusInfo("error", code, description)] };
}

/** Our own `connect`. */
export function connectCommand(transactionId: number, options: { app: string; tcUrl: string; flashVer: string }): Command {
  const object: AmfValue = {
    app: options.app,
    type: "nonprivate",
    flashVer: options.flashVer,
    tcUrl: options.tcUrl,
    fpad: false,
    capabilities: 239,
    audioCodecs: 0x0fff,
    videoCodecs: 0x00ff,
    videoFunction: 1,
    objectEncoding: 0,
    ...enhancements(),
  };
  return { name: "connect", transactionId, values: [object] };
}
