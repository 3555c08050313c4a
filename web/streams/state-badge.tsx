import type { Stream } from "./stream.ts";

/** Live or waiting, with a mark that does not rely on colour. */
export function StateBadge({ state }: { state: Stream["state"] }) {
  return state === "live" ? (
    <span class="badge live">
      <svg viewBox="0 0 14 14" aria-hidden="true">
        <circle cx="7" cy="7" r="4.5" fill="currentColor" />
      </svg>
      Live
    </span>
  ) : (
    <span class="badge waiting">
      <svg viewBox="0 0 14 14" aria-hidden="true">
        <circle cx="7" cy="7" r="4" fill="none" stroke="currentColor" stroke-width="2" />
      </svg>
      Waiting
    </span>
  );
}
