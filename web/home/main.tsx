import { mountPage } from "../shell/mount.tsx";
import { StreamPoll } from "../streams/stream-poll.ts";
import { HomePage } from "./home-page.tsx";

const poll = new StreamPoll();
mountPage("home", <HomePage poll={poll} />);
poll.start();
