import { Glyph } from "../shell/icons.tsx";
import { streamUrls } from "../streams/stream-urls.ts";
import { Notice } from "../ui/notice.tsx";
import { missingAbilities } from "./encoder-choice.ts";
import { PushForm } from "./push-form.tsx";
import type { PushModel } from "./push-model.ts";
import { PushStage } from "./push-stage.tsx";
import { PushStatsPanel } from "./push-stats-panel.tsx";

/** `/push.html`: a stream out of this browser. */
export function PushPage({ model }: { model: PushModel }) {
  const missing = missingAbilities();
  return (
    <>
      <header class="player-head">
        <div>
          <h1>Publish from this browser</h1>
          <p class="hint">Your camera, a screen or a test picture, encoded here and sent over one WebSocket.</p>
        </div>
      </header>
      {missing !== null && (
        <div class="push-missing">
          <Notice isBad>
            <strong>Publishing does not work here.</strong> {missing}
          </Notice>
        </div>
      )}
      <div class="push-layout">
        <div class="stack push-view">
          <PushStage model={model} />
          <Notices model={model} />
        </div>
        <PushForm model={model} isPossible={missing === null} />
        <div class="stack push-figures">
          <PushStatsPanel model={model} />
          <WatchLinks model={model} />
        </div>
      </div>
    </>
  );
}

function Notices({ model }: { model: PushModel }) {
  const { state, message } = model.session.situation.value;
  const silence = model.session.silence.value;
  const { videoCodec, audioCodec } = model.session.stats.value;
  return (
    <>
      {state === "refused" && <Notice isBad>{message}</Notice>}
      {state === "failed" && <Notice isBad>{message}</Notice>}
      {silence !== "" && <Notice>{silence}</Notice>}
      {videoCodec !== "" && videoCodec !== "h264" && (
        <Notice>
          This browser has no H.264 encoder, so it sends {videoCodec.toUpperCase()} by Enhanced RTMP’s FourCC. ffmpeg and recent
          players take it; the player pages here do not.
        </Notice>
      )}
      {audioCodec === "opus" && state === "live" && (
        <p class="hint">
          This browser has no AAC encoder, so the sound is Opus: heard on the FLV page, left out by most HLS players.
        </p>
      )}
    </>
  );
}

function WatchLinks({ model }: { model: PushModel }) {
  const { app, name } = model.settings.value;
  if (model.session.situation.value.state !== "live") return null;
  const urls = streamUrls({ app, name }, location);
  return (
    <div class="push-watch">
      <a class="button primary" href={urls.flvPage} target="_blank" rel="noopener">
        <Glyph name="bolt" />
        Watch it live
      </a>
      <a class="button" href={urls.hlsPage} target="_blank" rel="noopener">
        <Glyph name="list" />
        HLS
      </a>
    </div>
  );
}
