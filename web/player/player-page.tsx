import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Addresses } from "../streams/addresses.tsx";
import { PublishGuide } from "../streams/publish-guide.tsx";
import { StateBadge } from "../streams/state-badge.tsx";
import { Notice } from "../ui/notice.tsx";
import { codecProblem } from "./codec-support.ts";
import { isTypeSupported } from "./media-source.ts";
import type { PlayerModel } from "./player-model.ts";
import { Stage } from "./stage.tsx";
import { StatsPanel } from "./stats-panel.tsx";

/** A player and what it measures. `controls` are the page's own, beside the title. */
export function PlayerPage({ model, controls }: { model: PlayerModel; controls?: ComponentChildren }) {
  const { stream: name } = model.options;
  const { session } = model;
  useEffect(() => {
    session.start();
    return () => session.pause();
  }, [session]);
  const stream = session.stream.value;
  const { state } = session.situation.value;
  return (
    <>
      <header class="player-head">
        <h1>
          <span class="stream-app">{name.app}/</span>
          {name.name}
        </h1>
        {stream && <StateBadge state={stream.state} />}
        {controls}
      </header>
      <div class={`player-layout${state === "waiting" ? " waiting" : ""}`}>
        <div class="stack player-main">
          <Stage model={model} />
          <LesserProblem model={model} />
        </div>
        <StatsPanel model={model} />
        <div class="stack player-more">
          {(state === "waiting" || (state === "connecting" && stream === null)) && (
            <section class="panel guide" aria-labelledby="publish-title">
              <h2 id="publish-title">Publish {`${name.app}/${name.name}`}</h2>
              <PublishGuide stream={name} />
            </section>
          )}
          {state !== "waiting" && (
            <section class="panel stack" aria-labelledby="elsewhere-title">
              <h2 id="elsewhere-title">Play it elsewhere</h2>
              <Addresses stream={name} />
            </section>
          )}
        </div>
      </div>
    </>
  );
}

/** The picture plays, its sound does not. */
function LesserProblem({ model }: { model: PlayerModel }) {
  const stream = model.session.stream.value;
  const problem = stream && codecProblem(stream, model.options.kind, isTypeSupported);
  if (!problem || problem.isFatal) return null;
  return (
    <Notice>
      The sound is {problem.codec}, which {problem.lacks === "browser" ? "this browser cannot decode" : "this player cannot read"}
      ; you see the picture without it.{" "}
      {problem.other && (
        <a
          href={`${problem.other === "flv" ? "/index.html" : "/play.html"}?stream=${model.options.stream.app}/${model.options.stream.name}`}
        >
          The {problem.other.toUpperCase()} player has the sound.
        </a>
      )}
    </Notice>
  );
}
