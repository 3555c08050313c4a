import { useEffect } from "preact/hooks";
import { CopyField } from "../ui/copy-field.tsx";
import { learnRtmpPort, rtmpPort } from "./rtmp-port.ts";
import type { StreamName } from "./stream-name.ts";
import { streamUrls } from "./stream-urls.ts";

/** Every address under which a stream can be played, to copy. */
export function Addresses({ stream }: { stream: StreamName }) {
  useEffect(() => void learnRtmpPort(), []);
  const urls = streamUrls(stream, location, rtmpPort.value ?? undefined);
  return (
    <dl class="copy-list">
      {rtmpPort.value !== null && <CopyField label="RTMP" value={urls.rtmp} />}
      <CopyField label="FLV" value={urls.flv} />
      <CopyField label="WS-FLV" value={urls.wsFlv} />
      <CopyField label="TS" value={urls.ts} />
      <CopyField label="HLS" value={urls.hls} />
    </dl>
  );
}
