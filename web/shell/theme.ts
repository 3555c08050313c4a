import { type Signal, signal } from "@preact/signals";

export type Theme = "auto" | "light" | "dark";

/** Read by `public/theme.js` before the first paint. */
const STORAGE_KEY = "sluice-theme";
const NEXT: Readonly<Record<Theme, Theme>> = { auto: "light", light: "dark", dark: "auto" };

/** `auto` follows the system. */
export const theme: Signal<Theme> = signal(stored());

export function nextTheme(): void {
  const next = NEXT[theme.value];
  theme.value = next;
  if (next === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem(STORAGE_KEY, next);
  } catch {
    // Storage may be forbidden; the choice holds for this page then.
  }
}

function stored(): Theme {
  const value = document.documentElement.dataset.theme;
  return value === "light" || value === "dark" ? value : "auto";
}
