import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { PlayerModel } from "../player/player-model.ts";
import { PlayerPage } from "../player/player-page.tsx";
import type { StreamName } from "../streams/stream-name.ts";
import { Notice } from "../ui/notice.tsx";
import { FlvEngine } from "./flv-engine.ts";
import { createFlvSession, type FlvTransport } from "./flv-session.ts";

const TRANSPORTS: readonly { value: FlvTransport; label: string }[] = [
  { value: "ws", label: "WebSocket" },
  { value: "http", label: "HTTP" },
];

/** `/index.html`: FLV over WebSocket or HTTP, held at the live edge. */
export function FlvPage({ stream }: { stream: StreamName }) {
  const transport = useSignal<FlvTransport>(new URLSearchParams(location.search).get("transport") === "http" ? "http" : "ws");
  const model = useMemo(
    () =>
      new PlayerModel({
        kind: "flv",
        stream,
        transport: () => transport.peek(),
        createSession: (video, onDisconnect) => createFlvSession(stream, video, () => transport.peek(), onDisconnect),
      }),
    [stream],
  );
  const choose = (value: FlvTransport) => {
    transport.value = value;
    model.session.start();
  };
  if (!FlvEngine.isSupported()) {
    return (
      <Notice isBad>
        This browser has no Media Source Extensions, which the FLV player needs.{" "}
        <a href={`/play.html?stream=${stream.app}/${stream.name}`}>The HLS player works without.</a>
      </Notice>
    );
  }
  return <PlayerPage model={model} controls={<TransportChoice value={transport.value} onChoose={choose} />} />;
}

function TransportChoice({ value, onChoose }: { value: FlvTransport; onChoose: (value: FlvTransport) => void }) {
  return (
    <div class="segmented" role="radiogroup" aria-label="Transport">
      {TRANSPORTS.map((each) => (
        <label key={each.value}>
          <input
            type="radio"
            name="transport"
            value={each.value}
            checked={each.value === value}
            onChange={() => onChoose(each.value)}
          />
          {each.label}
        </label>
      ))}
    </div>
  );
}
