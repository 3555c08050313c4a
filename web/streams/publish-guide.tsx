import { useEffect } from "preact/hooks";
import { Glyph } from "../shell/icons.tsx";
import { CopyField } from "../ui/copy-field.tsx";
import { learnRtmpPort, rtmpPort } from "./rtmp-port.ts";
import type { StreamName } from "./stream-name.ts";
import { ffmpegLine, type StreamUrls, streamUrls } from "./stream-urls.ts";

/** How to publish `stream` to this server: OBS, ffmpeg, this browser. */
export function PublishGuide({ stream }: { stream: StreamName }) {
  useEffect(() => void learnRtmpPort(), []);
  const urls = streamUrls(stream, location, rtmpPort.value ?? undefined);
  return (
    <div class="guide-ways">
      {rtmpPort.value !== null && <ByObs urls={urls} />}
      {rtmpPort.value !== null && <ByFfmpeg urls={urls} />}
      <ByBrowser stream={stream} />
    </div>
  );
}

function ByObs({ urls }: { urls: StreamUrls }) {
  return (
    <section class="guide-way">
      <h3>
        <Glyph name="obs" />
        OBS Studio
      </h3>
      <p class="hint">Settings → Stream → Service “Custom…”</p>
      <dl class="copy-list">
        <CopyField label="Server" value={urls.obsServer} />
        <CopyField label="Stream key" value={urls.obsKey} />
      </dl>
    </section>
  );
}

function ByFfmpeg({ urls }: { urls: StreamUrls }) {
  return (
    <section class="guide-way">
      <h3>
        <Glyph name="terminal" />
        ffmpeg
      </h3>
      <p class="hint">A file at its own speed, H.264 and AAC as they are</p>
      <dl class="copy-list">
        <CopyField label="Command" value={ffmpegLine(urls.rtmp)} isLong />
      </dl>
    </section>
  );
}

function ByBrowser({ stream }: { stream: StreamName }) {
  return (
    <section class="guide-way">
      <h3>
        <Glyph name="camera" />
        This browser
      </h3>
      <p class="hint">Camera, screen, or a test picture with a clock</p>
      <div>
        <a class="button" href={`/push.html?stream=${stream.app}/${stream.name}`}>
          <Glyph name="camera" />
          Publish from here
        </a>
      </div>
    </section>
  );
}
