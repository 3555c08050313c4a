import { Glyph } from "../shell/icons.tsx";
import { CopyField } from "../ui/copy-field.tsx";
import type { StreamName } from "./stream-name.ts";
import { ffmpegLine, streamUrls } from "./stream-urls.ts";

/** How to publish `stream` to this server: OBS, ffmpeg, this browser. */
export function PublishGuide({ stream }: { stream: StreamName }) {
  const urls = streamUrls(stream, location);
  return (
    <div class="guide-ways">
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
    </div>
  );
}
