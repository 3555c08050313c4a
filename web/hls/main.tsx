import { exposeForAutomation } from "../player/player-status.ts";
import { StreamPicker } from "../player/stream-picker.tsx";
import { mountPage } from "../shell/mount.tsx";
import { streamFromQuery } from "../streams/stream-name.ts";
import { HlsPage } from "./hls-page.tsx";

const stream = streamFromQuery(location.search);
if (stream) document.title = `${stream.app}/${stream.name} · Sluice`;
else exposeForAutomation({ page: "hls", stream: null, state: "choosing" });
mountPage("hls", stream ? <HlsPage stream={stream} /> : <StreamPicker path="/play.html" title="HLS player" />);
