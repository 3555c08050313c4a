import type { RefObject } from "preact";
import { Glyph, type IconName } from "../shell/icons.tsx";
import type { PlayerModel } from "./player-model.ts";

/** Within this of the target the button says that the picture is live. */
const AT_EDGE_MS = 900;

/** Play, sound, live, picture-in-picture, full screen. */
export function StageBar({ model, stage }: { model: PlayerModel; stage: RefObject<HTMLDivElement | null> }) {
  const { state } = model.session.situation.value;
  const isPaused = state === "paused";
  const isIdle = state === "waiting" || state === "away" || state === "unsupported";
  return (
    <fieldset class="stage-bar" aria-label="Playback">
      <BarButton
        label={isPaused ? "Play" : "Pause"}
        icon={isPaused ? "play" : "pause"}
        isDisabled={isIdle}
        onClick={() => model.togglePlaying()}
      />
      <Sound model={model} />
      <LiveButton model={model} />
      <span class="spacer" />
      {document.pictureInPictureEnabled && (
        <BarButton label="Picture in picture" icon="pip" onClick={() => void togglePictureInPicture(model.video)} />
      )}
      <BarButton label="Full screen" icon="fullscreen" onClick={() => void toggleFullscreen(stage.current, model.video)} />
    </fieldset>
  );
}

function BarButton(props: { label: string; icon: IconName; isDisabled?: boolean; onClick: () => void }) {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={props.label}
      title={props.label}
      disabled={props.isDisabled}
      onClick={props.onClick}
    >
      <Glyph name={props.icon} />
    </button>
  );
}

function Sound({ model }: { model: PlayerModel }) {
  const isMuted = model.isMuted.value;
  return (
    <>
      <BarButton
        label={isMuted ? "Turn the sound on" : "Mute"}
        icon={isMuted ? "muted" : "sound"}
        onClick={() => model.toggleMuted()}
      />
      <input
        type="range"
        min="0"
        max="1"
        step="0.05"
        aria-label="Volume"
        value={isMuted ? 0 : model.volume.value}
        onInput={(event) => model.setVolume(event.currentTarget.valueAsNumber)}
      />
    </>
  );
}

function LiveButton({ model }: { model: PlayerModel }) {
  const { latencyMs, targetMs } = model.session.stats.value;
  const { state } = model.session.situation.value;
  const isAtEdge = state === "playing" && latencyMs !== null && latencyMs < (targetMs ?? 0) + AT_EDGE_MS;
  return (
    <button
      type="button"
      class={`live-button${isAtEdge ? " at-edge" : ""}`}
      disabled={state !== "playing" && state !== "stalled"}
      onClick={() => model.session.jumpToLive()}
      title={isAtEdge ? "At the live edge" : "Jump to the live edge"}
    >
      <i aria-hidden="true" />
      {isAtEdge ? "Live" : "Go live"}
    </button>
  );
}

async function togglePictureInPicture(video: HTMLVideoElement): Promise<void> {
  try {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await video.requestPictureInPicture();
  } catch {
    // Not now: there is no picture yet.
  }
}

async function toggleFullscreen(stage: HTMLElement | null, video: HTMLVideoElement): Promise<void> {
  if (document.fullscreenElement) return document.exitFullscreen();
  if (stage?.requestFullscreen) return stage.requestFullscreen();
  // An iPhone shows only the video element itself.
  if ("webkitEnterFullscreen" in video && typeof video.webkitEnterFullscreen === "function") video.webkitEnterFullscreen();
}
