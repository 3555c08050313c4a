import { Glyph, type IconName } from "./icons.tsx";
import { GateMark } from "./logo.tsx";
import { nextTheme, type Theme, theme } from "./theme.ts";

export type PageName = "home" | "flv" | "hls" | "push";

const PAGES: readonly { page: PageName; href: string; label: string; icon: IconName }[] = [
  { page: "home", href: "/", label: "Streams", icon: "streams" },
  { page: "flv", href: "/index.html", label: "FLV", icon: "bolt" },
  { page: "hls", href: "/play.html", label: "HLS", icon: "list" },
  { page: "push", href: "/push.html", label: "Publish", icon: "camera" },
];
const THEME_ICONS: Readonly<Record<Theme, IconName>> = { auto: "auto", light: "sun", dark: "moon" };
const THEME_NAMES: Readonly<Record<Theme, string>> = { auto: "as the system", light: "light", dark: "dark" };

/** Name, the four pages, and the choice of theme. Links to players keep the stream that is shown. */
export function TopBar({ current }: { current: PageName }) {
  return (
    <header class="top-bar">
      <div class="top-bar-inner">
        <a class="brand" href="/">
          <GateMark />
          Sluice
        </a>
        <nav class="top-nav" aria-label="Pages">
          {PAGES.map(({ page, href, label, icon }) => (
            <a key={page} href={withStream(page, href)} aria-current={page === current ? "page" : undefined}>
              <Glyph name={icon} />
              {label}
            </a>
          ))}
        </nav>
        <ThemeToggle />
      </div>
      <svg class="top-bar-water" viewBox="0 0 1200 10" preserveAspectRatio="none" aria-hidden="true">
        <path
          fill="currentColor"
          d="M0 0h1200v4c-50 6-100 6-150 2s-100-4-150 0-100 5-150 1-100-5-150-1-100 5-150 1-100-5-150-1-100 4-150 0-100-3-150 0z"
        />
      </svg>
    </header>
  );
}

function ThemeToggle() {
  const label = `Theme: ${THEME_NAMES[theme.value]}. Change it.`;
  return (
    <button type="button" class="icon-button theme-toggle" onClick={nextTheme} aria-label={label} title={label}>
      <Glyph name={THEME_ICONS[theme.value]} />
    </button>
  );
}

function withStream(page: PageName, href: string): string {
  const stream = new URLSearchParams(location.search).get("stream");
  const isPlayer = page === "flv" || page === "hls";
  return isPlayer && stream !== null ? `${href}?stream=${encodeURIComponent(stream).replaceAll("%2F", "/")}` : href;
}
