import { codecName } from "../ui/codec-names.ts";
import { Metric, Metrics } from "../ui/metric.tsx";
import { formatBitrate, formatFps } from "../ui/units.ts";
import type { PushModel } from "./push-model.ts";

/** What leaves this browser. */
export function PushStatsPanel({ model }: { model: PushModel }) {
  const { stats, reconnects } = model.session;
  const { sentBps, fps, droppedFrames, bufferedBytes, videoCodec, audioCodec, width, height } = stats.value;
  return (
    <Metrics>
      <Metric label="Sent" value={formatBitrate(sentBps)} />
      <Metric label="Frames" value={fps > 0 ? `${formatFps(Math.round(fps))} fps` : "–"} />
      <Metric
        label="Dropped"
        value={String(droppedFrames)}
        hint="Pictures left out because the network or the encoder did not keep up"
        isWrong={droppedFrames > 0 && bufferedBytes > 0}
      />
      <Metric
        label="Waiting"
        value={`${Math.round(bufferedBytes / 1024)} kB`}
        hint="In this browser, for the network to take it"
      />
      <Metric label="Reconnects" value={String(reconnects.value)} />
      <Metric label="Picture" value={width > 0 ? `${width} × ${height}` : "–"} />
      <Metric label="Video" value={videoCodec === "" ? "–" : codecName(videoCodec)} />
      <Metric label="Audio" value={audioCodec === "" ? "–" : codecName(audioCodec)} />
    </Metrics>
  );
}
