import { exposeForAutomation } from "../player/player-status.ts";
import type { PushModel } from "./push-model.ts";
import type { PushAutomation } from "./push-status.ts";

/** Sets `window.sluice`; see `PushAutomation`. */
export function exposePush({ session, settings }: PushModel): void {
  const read = (): PushAutomation => ({
    page: "push",
    stream: `${settings.peek().app}/${settings.peek().name}`,
    ...session.situation.peek(),
    ...session.stats.peek(),
    reconnects: session.reconnects.peek(),
  });
  const status = {};
  for (const key of Object.keys(read())) {
    Object.defineProperty(status, key, { get: () => Reflect.get(read(), key), enumerable: true });
  }
  exposeForAutomation(status);
}
