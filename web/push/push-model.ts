import { type Signal, signal } from "@preact/signals";
import { streamFromQuery } from "../streams/stream-name.ts";
import { PushSession } from "./push-session.ts";
import { type PushSettings, readSettings, settingsProblems, suggestedKbps } from "./push-settings.ts";

const STORAGE_KEY = "sluice-push";

/** The push page's form and its session. */
export class PushModel {
  readonly settings: Signal<PushSettings>;
  readonly session = new PushSession();
  /** `?auto=1`: no click needed; for the test picture only, which asks for no permission. */
  readonly startsByItself: boolean;

  /** The query overrides what was stored here last, which overrides the defaults. */
  constructor(search: string) {
    const query = Object.fromEntries(new URLSearchParams(search));
    const settings = readSettings({ ...stored(), ...query, ...streamFromQuery(search) });
    this.settings = signal(settings);
    this.startsByItself = query.auto === "1" && settings.source === "test";
  }

  set(change: Partial<PushSettings>): void {
    const before = this.settings.value;
    const next = { ...before, ...change };
    const isResized = next.height !== before.height || next.fps !== before.fps;
    this.settings.value = isResized ? { ...next, videoKbps: suggestedKbps(next.height, next.fps) } : next;
    store(this.settings.value);
  }

  async start(): Promise<void> {
    if (Object.keys(settingsProblems(this.settings.value)).length === 0) await this.session.start(this.settings.value);
  }
}

function stored(): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}");
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function store(settings: PushSettings): void {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(settings));
  } catch {
    // Storage may be forbidden; the settings hold for this page then.
  }
}
