import { ByteReader } from "../bytes/byte-reader.ts";
import { ByteWriter } from "../bytes/byte-writer.ts";
import type { Prologue } from "../media/prologue.ts";
import type { Track } from "../media/track.ts";

/** What of a track fits in JSON; its configuration follows as bytes. */
type TrackHeader = Omit<Track, "config">;

/**
 * A prologue as one log entry, so that whoever joins at a GOP finds all it needs right there:
 *
 *   u32 length of JSON | JSON { version, tracks } | per track: u32 length, config | u32 length, metadata
 */
export function writePrologue(prologue: Prologue): Uint8Array {
  const tracks: TrackHeader[] = prologue.tracks.map(({ config: _, ...header }) => header);
  const json = new TextEncoder().encode(JSON.stringify({ version: prologue.version, tracks }));
  const w = new ByteWriter(json.length + 1024);
  writeBlob(w, json);
  for (const track of prologue.tracks) writeBlob(w, track.config);
  writeBlob(w, prologue.metadata);
  return w.written();
}

/** Reads an entry that this process wrote. The result owns its bytes. */
export function readPrologue(bytes: Uint8Array): Prologue {
  const r = new ByteReader(bytes.slice(), "prologue");
  const json: { version: number; tracks: TrackHeader[] } = JSON.parse(new TextDecoder().decode(r.take(r.u32())));
  const tracks: Track[] = json.tracks.map((header) => ({ ...header, config: r.take(r.u32()) }));
  return { version: json.version, tracks, metadata: r.take(r.u32()) };
}

function writeBlob(w: ByteWriter, bytes: Uint8Array): void {
  w.u32(bytes.length);
  w.put(bytes);
}
