import { CopyField } from "../ui/copy-field.tsx";
import type { StreamName } from "./stream-name.ts";
import { streamUrls } from "./stream-urls.ts";

/** Every address under which a stream can be played, to copy. */
export function Addresses({ stream }: { stream: StreamName }) {
  const urls = streamUrls(stream, location);
  return (
    <dl class="copy-list">
      <CopyField label="RTMP" value={urls.rtmp} />
      <CopyField label="FLV" value={urls.flv} />
      <CopyField label="WS-FLV" value={urls.wsFlv} />
      <CopyField label="TS" value={urls.ts} />
      <CopyField label="HLS" value={urls.hls} />
    </dl>
  );
}
