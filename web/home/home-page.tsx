import { PublishGuide } from "../streams/publish-guide.tsx";
import type { StreamList } from "../streams/stream.ts";
import { streamKey } from "../streams/stream-name.ts";
import type { StreamPoll } from "../streams/stream-poll.ts";
import { Notice } from "../ui/notice.tsx";
import { Channel } from "./channel.tsx";
import { StreamCard } from "./stream-card.tsx";

/** The streams of this server, and how to bring another. */
export function HomePage({ poll }: { poll: StreamPoll }) {
  const list = poll.list.value;
  return (
    <>
      <Channel list={list} isAway={poll.isAway.value} />
      {poll.isAway.value && <AwayNotice hasList={list !== null} />}
      {list !== null && <Streams list={list} poll={poll} />}
    </>
  );
}

function AwayNotice({ hasList }: { hasList: boolean }) {
  return (
    <div style={{ marginBottom: "var(--s5)" }}>
      <Notice isBad>
        <strong>The server does not answer.</strong> {hasList ? "What you see below is its last word. " : ""}
        This page asks again every second and goes on by itself.
      </Notice>
    </div>
  );
}

function Streams({ list, poll }: { list: StreamList; poll: StreamPoll }) {
  const streams = [...list.streams].sort((a, b) => a.state.localeCompare(b.state) || streamKey(a).localeCompare(streamKey(b)));
  const isEmpty = streams.length === 0;
  return (
    <div class="stack" style={{ gap: "var(--s6)" }}>
      {!isEmpty && (
        <section aria-labelledby="streams-title">
          <div class="section-head">
            <h2 id="streams-title">Streams</h2>
          </div>
          <div class="cards">
            {streams.map((stream) => (
              <StreamCard key={streamKey(stream)} stream={stream} bitrates={poll.bitrates(stream)} />
            ))}
          </div>
        </section>
      )}
      <section class="panel guide" aria-labelledby="guide-title">
        <div>
          <h2 id="guide-title">{isEmpty ? "Nothing is live yet" : "Bring another stream"}</h2>
          <p class="hint">
            {isEmpty
              ? "Publish one of these ways; it appears here within a second."
              : "Any app and name of letters, digits, “_” and “-” will do."}
          </p>
        </div>
        <PublishGuide stream={{ app: "live", name: isEmpty ? "stream" : "mystream" }} />
      </section>
    </div>
  );
}
