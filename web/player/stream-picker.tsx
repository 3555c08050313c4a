import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { GateMark } from "../shell/logo.tsx";
import { PublishGuide } from "../streams/publish-guide.tsx";
import { firstOf, type Stream } from "../streams/stream.ts";
import { parseStreamName, streamKey } from "../streams/stream-name.ts";
import { StreamPoll } from "../streams/stream-poll.ts";
import { codecName, pictureSize } from "../ui/codec-names.ts";
import { Notice } from "../ui/notice.tsx";
import { formatBitrate } from "../ui/units.ts";

/** The live list and a field for a name, on a player page that was opened without a stream. `path` is the page itself. */
export function StreamPicker({ path, title }: { path: string; title: string }) {
  const poll = useMemo(() => new StreamPoll(), []);
  useEffect(() => poll.start(), [poll]);
  const streams = poll.list.value?.streams ?? [];
  return (
    <div class="picker">
      <header>
        <h1>{title}</h1>
        <p class="hint">Choose what to watch.</p>
      </header>
      {poll.isAway.value && <Notice isBad>The server does not answer. Asking again every second.</Notice>}
      {streams.length > 0 && (
        <nav class="picker-list" aria-label="Live streams">
          {streams.map((stream) => (
            <a key={streamKey(stream)} href={`${path}?stream=${streamKey(stream)}`}>
              <GateMark isOpen={stream.state === "live"} />
              <span>
                <strong>{streamKey(stream)}</strong>
                <small>{describe(stream)}</small>
              </span>
            </a>
          ))}
        </nav>
      )}
      <NameForm path={path} />
      {poll.list.value && streams.length === 0 && (
        <section class="panel guide">
          <div>
            <h2>Nothing is live yet</h2>
            <p class="hint">Publish one of these ways; it appears here within a second.</p>
          </div>
          <PublishGuide stream={{ app: "live", name: "stream" }} />
        </section>
      )}
    </div>
  );
}

function NameForm({ path }: { path: string }) {
  const text = useSignal("");
  const isWrong = text.value !== "" && parseStreamName(text.value) === null;
  const go = (event: Event) => {
    event.preventDefault();
    const stream = parseStreamName(text.value);
    if (stream) location.href = `${path}?stream=${streamKey(stream)}`;
  };
  return (
    <form class="picker-form" onSubmit={go}>
      <div class="field">
        <label for="stream-name">Or by name</label>
        <input
          id="stream-name"
          class="input mono"
          placeholder="live/demo"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          aria-invalid={isWrong}
          aria-describedby="stream-name-hint"
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </div>
      <button type="submit" class="button primary" disabled={parseStreamName(text.value) === null}>
        Watch
      </button>
      <p id="stream-name-hint" class={`hint${isWrong ? " wrong" : ""}`} style={{ flexBasis: "100%" }} aria-live="polite">
        {isWrong
          ? "A stream is called app/name, each of letters, digits, “_” and “-”."
          : "It need not be live yet: the player waits for it."}
      </p>
    </form>
  );
}

function describe(stream: Stream): string {
  const video = firstOf(stream, "video") ?? firstOf(stream, "audio");
  if (stream.state === "waiting") return "publisher away";
  return [video && codecName(video.codec), pictureSize(video), formatBitrate(stream.bitrateBps)].filter(Boolean).join(" · ");
}
