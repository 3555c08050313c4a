import { GateScene } from "../shell/logo.tsx";
import type { StreamList } from "../streams/stream.ts";
import { formatBitrate, formatUptime } from "../ui/units.ts";

/** The banner: what flows through this server, told in one sentence and four figures. */
export function Channel({ list, isAway }: { list: StreamList | null; isAway: boolean }) {
  const live = list?.streams.filter((stream) => stream.state === "live").length ?? 0;
  return (
    <section class="channel" aria-label="Server">
      <h1>{headline(list, live, isAway)}</h1>
      <p class="channel-lead">
        Publish by RTMP, HTTP or from a browser; watch by RTMP, HTTP-FLV, WebSocket, MPEG-TS and HLS. Nothing is re-encoded.
      </p>
      {list && !isAway && <Figures list={list} live={live} />}
      <GateScene isOpen={live > 0 && !isAway} />
      <Waves />
    </section>
  );
}

function headline(list: StreamList | null, live: number, isAway: boolean): string {
  if (isAway) return "The server is away.";
  if (!list) return "Looking upstream…";
  if (live === 0) return "The gate is down.";
  return live === 1 ? "One stream is flowing." : `${live} streams are flowing.`;
}

function Figures({ list, live }: { list: StreamList; live: number }) {
  const viewers = list.streams.reduce((sum, stream) => sum + stream.viewers.total, 0);
  const bitrate = list.streams.reduce((sum, stream) => sum + stream.bitrateBps, 0);
  return (
    <dl class="channel-figures">
      <Figure label="live" value={String(live)} />
      <Figure label={viewers === 1 ? "viewer" : "viewers"} value={String(viewers)} />
      <Figure label="coming in" value={formatBitrate(bitrate)} />
      <Figure label={`up, Sluice ${list.server.version}`} value={formatUptime(Date.now() - list.server.startedAt)} />
    </dl>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div style={{ display: "flex", flexDirection: "column-reverse" }}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** Two layers of water, drifting against each other. */
function Waves() {
  const wave = (top: number) => `M0 ${top}q75 -18 150 0${"t150 0".repeat(15)}V60H0Z`;
  return (
    <div class="channel-waves" aria-hidden="true">
      <svg viewBox="0 0 2400 60" preserveAspectRatio="none" aria-hidden="true">
        <path d={wave(24)} fill="#17818f" opacity=".75" />
      </svg>
      <svg viewBox="0 0 2400 60" preserveAspectRatio="none" aria-hidden="true">
        <path d={wave(34)} fill="#2fb6c6" opacity=".55" />
      </svg>
    </div>
  );
}
