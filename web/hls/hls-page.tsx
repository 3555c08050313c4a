import { useMemo } from "preact/hooks";
import { LiveSession } from "../player/live-session.ts";
import { PlayerModel } from "../player/player-model.ts";
import { PlayerPage } from "../player/player-page.tsx";
import type { StreamName } from "../streams/stream-name.ts";
import { streamUrls } from "../streams/stream-urls.ts";
import { Notice } from "../ui/notice.tsx";
import { HlsEngine } from "./hls-engine.ts";
import { NativeHlsEngine } from "./native-hls-engine.ts";

/** `/play.html`: HLS by hls.js, or by the browser itself where hls.js cannot work. */
export function HlsPage({ stream }: { stream: StreamName }) {
  const isNative = !HlsEngine.isSupported();
  const model = useMemo(() => {
    const url = streamUrls(stream, location).hls;
    return new PlayerModel({
      kind: "hls",
      stream,
      transport: () => (isNative ? "native" : "hls.js"),
      createSession: (video, onDisconnect) =>
        new LiveSession({
          stream,
          kind: "hls",
          video,
          createEngine: () => (isNative ? new NativeHlsEngine(url) : new HlsEngine(url)),
          onDisconnect,
        }),
    });
  }, [stream]);
  if (isNative && !NativeHlsEngine.isSupported()) {
    return (
      <Notice isBad>
        This browser plays HLS neither by itself nor through Media Source Extensions. Try a current version of it.
      </Notice>
    );
  }
  return <PlayerPage model={model} />;
}
