import { exposeForAutomation } from "../player/player-status.ts";
import { StreamPicker } from "../player/stream-picker.tsx";
import { mountPage } from "../shell/mount.tsx";
import { streamFromQuery } from "../streams/stream-name.ts";
import { FlvPage } from "./flv-page.tsx";

const stream = streamFromQuery(location.search);
if (stream) document.title = `${stream.app}/${stream.name} · Sluice`;
else exposeForAutomation({ page: "flv", stream: null, state: "choosing" });
mountPage("flv", stream ? <FlvPage stream={stream} /> : <StreamPicker path="/index.html" title="Low-latency FLV player" />);
