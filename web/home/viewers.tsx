import { Glyph } from "../shell/icons.tsx";
import type { Stream } from "../streams/stream.ts";

const PROTOCOL_NAMES: Readonly<Record<string, string>> = {
  flv: "HTTP-FLV",
  "ws-flv": "WS-FLV",
  rtmp: "RTMP",
  ts: "HTTP-TS",
  "ws-ts": "WS-TS",
  hls: "HLS",
};

/** How many watch; opened, by which protocol. */
export function Viewers({ stream }: { stream: Stream }) {
  const { total } = stream.viewers;
  const rows = Object.entries(stream.viewers).filter(([protocol, count]) => protocol !== "total" && count > 0);
  rows.sort(([, a], [, b]) => b - a);
  const tooltip = rows.map(([protocol, count]) => `${PROTOCOL_NAMES[protocol] ?? protocol}: ${count}`).join("\n");
  return (
    <details class="disclosure">
      <summary title={tooltip || undefined}>
        <Glyph name="eye" />
        {total === 1 ? "1 viewer" : `${total} viewers`}
      </summary>
      <dl class="viewer-list">
        {rows.length === 0 && <p class="hint">Nobody is watching.</p>}
        {rows.map(([protocol, count]) => (
          <div key={protocol}>
            <dt>{PROTOCOL_NAMES[protocol] ?? protocol}</dt>
            <dd class="viewer-bar" aria-hidden="true">
              <i style={{ width: `${(count / Math.max(1, total)) * 100}%` }} />
            </dd>
            <dd>{count}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
