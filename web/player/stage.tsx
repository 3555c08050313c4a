import { useEffect, useRef } from "preact/hooks";
import { Glyph } from "../shell/icons.tsx";
import type { PlayerModel } from "./player-model.ts";
import { StageBar } from "./stage-bar.tsx";
import { StageMessage } from "./stage-message.tsx";

/** The picture, what lies over it, and its controls. */
export function Stage({ model }: { model: PlayerModel }) {
  const stage = useRef<HTMLDivElement>(null);
  const view = useRef<HTMLDivElement>(null);
  useEffect(() => view.current?.prepend(model.video, model.canvas), [model]);
  const { state } = model.session.situation.value;
  const asksForSound = state === "playing" && model.isMuted.value && model.offersSound.value;
  return (
    <div class="stage" ref={stage}>
      <div class="stage-view" ref={view}>
        <StageMessage model={model} />
        {asksForSound && (
          <button type="button" class="unmute" onClick={() => model.toggleMuted()}>
            <Glyph name="muted" />
            Turn the sound on
          </button>
        )}
      </div>
      <StageBar model={model} stage={stage} />
    </div>
  );
}
