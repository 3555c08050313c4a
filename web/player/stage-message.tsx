import type { ComponentChildren } from "preact";
import { GateMark } from "../shell/logo.tsx";
import type { CodecProblem } from "./codec-support.ts";
import type { PlayerModel } from "./player-model.ts";
import type { PlayerState } from "./player-status.ts";

/** What lies over the picture while there is none, or none that moves. Read aloud when it changes. */
export function StageMessage({ model }: { model: PlayerModel }) {
  const { state, message, problem } = model.session.situation.value;
  const { app, name } = model.options.stream;
  return (
    <div aria-live="polite">
      {state === "waiting" && (
        <Cover title={`Waiting for ${app}/${name}`} isOpen={false}>
          Nobody publishes this stream at the moment. It starts here by itself as soon as somebody does.
        </Cover>
      )}
      {state === "away" && (
        <Cover title="The server does not answer" isOpen={false}>
          Asking again every second; the stream goes on by itself when the server is back.
        </Cover>
      )}
      {state === "connecting" && <LateCover title="Opening the gate…" />}
      {state === "stalled" && (
        <LateCover title="No media is arriving" text="The publisher may be reconnecting. You stay connected." />
      )}
      {state === "reconnecting" && <LateCover title="Reconnecting…" text={message} />}
      {state === "paused" && <Cover title="Paused">Play goes on at the live edge, not where you left.</Cover>}
      {state === "unsupported" && <Unsupported model={model} problem={problem} message={message} />}
      <span class="visually-hidden">{spoken(state)}</span>
    </div>
  );
}

function Cover({ title, isOpen = true, children }: { title: string; isOpen?: boolean; children: ComponentChildren }) {
  return (
    <div class="stage-message">
      <GateMark isOpen={isOpen} />
      <h2>{title}</h2>
      <p>{children}</p>
    </div>
  );
}

/** Lies over the last picture, and only when the state lasts. */
function LateCover({ title, text = "" }: { title: string; text?: string }) {
  return (
    <div class="stage-message late">
      <h2>{title}</h2>
      {text && <p>{text}</p>}
    </div>
  );
}

function Unsupported({ model, problem, message }: { model: PlayerModel; problem: CodecProblem | null; message: string }) {
  const { app, name } = model.options.stream;
  if (!problem) {
    return (
      <Cover title="This browser cannot play the stream" isOpen={false}>
        {message}. Publish H.264 with AAC, which every browser plays, or open the RTMP address in VLC or ffplay.
      </Cover>
    );
  }
  const what = problem.kind === "video" ? "video" : "sound";
  const why =
    problem.lacks === "browser"
      ? `This browser has no decoder for ${problem.codec}`
      : `${problem.codec} cannot be played on this page`;
  return (
    <Cover title={`${problem.codec} ${what} cannot be played here`} isOpen={false}>
      {why}.{" "}
      {problem.other ? (
        <a href={`${problem.other === "flv" ? "/index.html" : "/play.html"}?stream=${app}/${name}`}>
          The {problem.other.toUpperCase()} player can.
        </a>
      ) : (
        `Publish ${problem.kind === "video" ? "H.264" : "AAC"}, which every browser plays, or open the RTMP address in VLC or ffplay.`
      )}
    </Cover>
  );
}

function spoken(state: PlayerState): string {
  return state === "playing" ? "Playing live." : "";
}
