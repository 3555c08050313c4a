import { firstOf } from "../streams/stream.ts";
import { codecName, pictureSize, soundShape } from "../ui/codec-names.ts";
import { Metric, Metrics } from "../ui/metric.tsx";
import { Sparkline } from "../ui/sparkline.tsx";
import { formatBitrate, formatSeconds } from "../ui/units.ts";
import { LevelGauge } from "./level-gauge.tsx";
import type { PlayerModel } from "./player-model.ts";
import type { PlayerState } from "./player-status.ts";

const STATE_NAMES: Readonly<Record<PlayerState, string>> = {
  choosing: "No stream",
  waiting: "Waiting",
  away: "Server away",
  connecting: "Connecting",
  playing: "Playing",
  stalled: "No media",
  reconnecting: "Reconnecting",
  paused: "Paused",
  unsupported: "Cannot play",
};
/** More dropped frames than this share of the decoded ones are worth a second look. */
const MANY_DROPPED = 0.02;

/** What the player measures of itself. */
export function StatsPanel({ model }: { model: PlayerModel }) {
  return (
    <aside class="side" aria-label="Measured by this player">
      <section class="panel">
        <Latency model={model} />
      </section>
      <section>
        <Figures model={model} />
      </section>
    </aside>
  );
}

function Latency({ model }: { model: PlayerModel }) {
  const { latencyMs, targetMs, bufferMs } = model.session.stats.value;
  const isFlv = model.options.kind === "flv";
  const values = model.latencies.value;
  return (
    <>
      <div>
        <div class="gauge-head">
          <h2>Behind live</h2>
          <span class="gauge-value">{formatSeconds(latencyMs)}</span>
        </div>
        <p class="hint">
          {isFlv
            ? "From the newest frame’s arrival to the picture, estimated. The delay of encoder and network comes on top."
            : "From the end of the playlist to the picture. The delay of encoder and segmenting comes on top."}
        </p>
      </div>
      <LevelGauge bufferMs={bufferMs} targetMs={isFlv ? targetMs : null} scaleMs={isFlv ? 2000 : 12_000} />
      {values.length > 1 && (
        <div class="latency-chart">
          <Sparkline
            values={values}
            length={Math.max(20, values.length)}
            label="How far behind live, over the last half minute"
          />
        </div>
      )}
    </>
  );
}

function Figures({ model }: { model: PlayerModel }) {
  const { session } = model;
  const stats = session.stats.value;
  const stream = session.stream.value;
  const video = stream ? firstOf(stream, "video") : undefined;
  const audio = stream ? firstOf(stream, "audio") : undefined;
  const isDropping = stats.droppedFrames > stats.decodedFrames * MANY_DROPPED && stats.droppedFrames > 20;
  return (
    <Metrics>
      <Metric label="State" value={STATE_NAMES[session.situation.value.state]} />
      <Metric label="Decoded" value={stats.decodedFps === null ? "–" : `${Math.round(stats.decodedFps)} fps`} />
      <Metric label="Dropped frames" value={String(stats.droppedFrames)} isWrong={isDropping} />
      <Metric label="Bitrate" value={formatBitrate(stats.bitrateBps ?? stream?.bitrateBps ?? 0)} />
      <Metric label="Speed" value={`${stats.playbackRate.toFixed(2)} ×`} hint="Above 1 it catches up with the live edge" />
      <Metric label="Reconnects" value={String(session.reconnects.value)} />
      <Metric label="Picture" value={stats.width > 0 ? `${stats.width} × ${stats.height}` : pictureSize(video) || "–"} />
      <Metric label="Viewers" value={stream ? String(stream.viewers.total) : "–"} />
      <Metric label="Video" value={video ? codecName(video.codec) : "–"} hint={video?.codecString ?? ""} />
      <Metric label="Audio" value={audio ? codecName(audio.codec) : "–"} hint={soundShape(audio)} />
      {model.options.kind === "hls" && (
        <Metric label="Target" value={formatSeconds(stats.targetMs)} hint="How far behind live this player wants to be" />
      )}
      {stats.level !== null && <Metric label="Level" value={stats.level} />}
    </Metrics>
  );
}
