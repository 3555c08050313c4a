import { useState } from "preact/hooks";
import { Glyph } from "../shell/icons.tsx";
import { Addresses } from "../streams/addresses.tsx";
import { StateBadge } from "../streams/state-badge.tsx";
import { firstOf, type Stream } from "../streams/stream.ts";
import { streamKey } from "../streams/stream-name.ts";
import { streamUrls } from "../streams/stream-urls.ts";
import { codecName, pictureSize, soundShape } from "../ui/codec-names.ts";
import { Sparkline } from "../ui/sparkline.tsx";
import { formatBitrate, formatFps, formatUptime } from "../ui/units.ts";
import { Preview } from "./preview.tsx";
import { Viewers } from "./viewers.tsx";

/** A young chart fills its width early; a full one shows a minute. */
const MIN_SAMPLES = 12;

/** One stream: how it flows, what it is made of, who watches, and the ways to it. */
export function StreamCard({ stream, bitrates }: { stream: Stream; bitrates: readonly number[] }) {
  const urls = streamUrls(stream, location);
  return (
    <article class="card" aria-label={`Stream ${streamKey(stream)}`}>
      <CardView stream={stream} bitrates={bitrates} />
      <div class="card-body">
        <div class="card-title">
          <h3>
            <span class="stream-app">{stream.app}/</span>
            {stream.name}
          </h3>
        </div>
        <Chips stream={stream} />
        <p class="card-source">{sourceLine(stream)}</p>
        <div class="card-actions">
          <a class="button primary" href={urls.flvPage}>
            <Glyph name="bolt" />
            Watch live
          </a>
          <a class="button" href={urls.hlsPage}>
            <Glyph name="list" />
            HLS
          </a>
        </div>
        <div class="card-more">
          <Viewers stream={stream} />
          <details class="disclosure">
            <summary>
              <Glyph name="link" />
              Addresses
            </summary>
            <Addresses stream={stream} />
          </details>
        </div>
      </div>
    </article>
  );
}

/** The 16:9 head of the card: the bitrate of the last minute as water, or the picture itself on demand. */
function CardView({ stream, bitrates }: { stream: Stream; bitrates: readonly number[] }) {
  const [isPreviewed, setPreviewed] = useState(false);
  const hasPicture = firstOf(stream, "video") !== undefined;
  return (
    <div class="card-view">
      <div class="card-view-top">
        <StateBadge state={stream.state} />
      </div>
      {isPreviewed ? (
        <Preview stream={stream} onClose={() => setPreviewed(false)} />
      ) : (
        <>
          <Sparkline values={bitrates} length={Math.max(MIN_SAMPLES, bitrates.length)} label="Bitrate of the last minute" />
          <p class="card-view-rate">
            {stream.bitrateBps > 0 ? formatBitrate(stream.bitrateBps) : "No media"}
            <small>{stream.fps > 0 ? `${formatFps(stream.fps)} frames/s` : "at the moment"}</small>
          </p>
          {hasPicture && stream.state === "live" && (
            <button type="button" class="preview-button" onClick={() => setPreviewed(true)}>
              <Glyph name="play" />
              Preview
            </button>
          )}
        </>
      )}
    </div>
  );
}

function Chips({ stream }: { stream: Stream }) {
  const video = firstOf(stream, "video");
  const audio = firstOf(stream, "audio");
  const chips = [
    video && codecName(video.codec),
    pictureSize(video),
    audio && codecName(audio.codec),
    soundShape(audio),
    stream.gopMs > 0 && `key frame every ${Number((stream.gopMs / 1000).toFixed(1))} s`,
  ].filter((chip): chip is string => typeof chip === "string" && chip !== "");
  return (
    <div class="chips">
      {chips.map((chip) => (
        <span class="chip" key={chip}>
          {chip}
        </span>
      ))}
      {chips.length === 0 && <span class="chip">no media yet</span>}
    </div>
  );
}

function sourceLine(stream: Stream): string {
  if (!stream.publisher) return "Publisher away; its viewers are kept";
  return `By ${protocolName(stream.publisher.protocol)} for ${formatUptime(Date.now() - stream.publisher.since)}`;
}

function protocolName(protocol: string): string {
  return protocol === "demo" ? "the built-in demo" : protocol.toUpperCase();
}
