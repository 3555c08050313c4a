import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { LiveSession } from "../player/live-session.ts";
import { Glyph } from "../shell/icons.tsx";
import type { Stream } from "../streams/stream.ts";

/** A muted picture inside of a card. The player is loaded when the first one is asked for. */
export function Preview({ stream, onClose }: { stream: Stream; onClose: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const state = useSignal("connecting");
  useEffect(() => {
    let session: LiveSession | null = null;
    let unsubscribe = () => {};
    let isClosed = false;
    void import("../flv/flv-session.ts").then(({ createFlvSession }) => {
      if (isClosed || !video.current) return;
      session = createFlvSession(stream, video.current, () => "ws");
      unsubscribe = session.situation.subscribe((situation) => (state.value = situation.state));
      session.start();
    });
    return () => {
      isClosed = true;
      unsubscribe();
      session?.pause();
    };
  }, [stream.app, stream.name]);
  return (
    <>
      <video ref={video} muted playsInline aria-label={`Preview of ${stream.app}/${stream.name}`} />
      {state.value !== "playing" && (
        <p class="preview-state" role="status">
          {state.value === "unsupported" ? "This browser cannot play it" : state.value}
        </p>
      )}
      <button type="button" class="preview-button" onClick={onClose}>
        <Glyph name="stop" />
        Stop
      </button>
    </>
  );
}
