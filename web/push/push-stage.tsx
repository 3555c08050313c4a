import { useEffect, useRef } from "preact/hooks";
import { Glyph } from "../shell/icons.tsx";
import { GateMark } from "../shell/logo.tsx";
import { formatUptime } from "../ui/units.ts";
import type { PushModel } from "./push-model.ts";
import type { SourceKind } from "./push-settings.ts";
import type { PushState } from "./push-status.ts";

const STATE_NAMES: Readonly<Record<PushState, string>> = {
  idle: "Not publishing",
  starting: "Starting",
  connecting: "Connecting",
  live: "On air",
  reconnecting: "Reconnecting",
  refused: "Refused",
  failed: "Stopped",
};
const INVITATIONS: Readonly<Record<SourceKind, string>> = {
  camera: "The browser will ask for your camera and microphone.",
  screen: "The browser will ask which screen, window or tab to share.",
  test: "A clock on moving water and a tone; no permission needed.",
};

/** What is being published, and the button that starts and stops it. */
export function PushStage({ model }: { model: PushModel }) {
  const view = useRef<HTMLDivElement>(null);
  const { session, settings } = model;
  const source = session.source.value;
  const { state } = session.situation.value;
  useEffect(() => {
    if (!source) return;
    view.current?.append(source.preview);
    return () => source.preview.remove();
  }, [source]);
  return (
    <div class="stage">
      <div class="stage-view" ref={view}>
        {!source && (
          <div class="stage-message">
            <GateMark isOpen={false} />
            <h2>{state === "starting" ? "Waiting for your permission…" : "The gate is down"}</h2>
            <p>{INVITATIONS[settings.value.source]}</p>
          </div>
        )}
      </div>
      <div class="stage-bar push-bar">
        <span class={`push-state ${state}`} role="status">
          <i aria-hidden="true" />
          {STATE_NAMES[state]}
          <OnAirFor model={model} />
        </span>
        <span class="spacer" />
        <span class="mono push-target">
          {settings.value.app}/{settings.value.name}
        </span>
        {source && <Glyph name={settings.value.source === "test" ? "pattern" : settings.value.source} />}
      </div>
    </div>
  );
}

function OnAirFor({ model }: { model: PushModel }) {
  const { liveSince } = model.session.stats.value;
  return liveSince === 0 ? null : <small aria-hidden="true">{formatUptime(Date.now() - liveSince)}</small>;
}
