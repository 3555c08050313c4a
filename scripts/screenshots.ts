/**
 * Takes the pictures of the README from a real server on the standard ports: docs/images/home.png and docs/images/player.png.
 *
 *   npm run build:web && node scripts/screenshots.ts
 */
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { defaultConfig } from "../src/app/config.ts";
import { createServer } from "../src/app/server.ts";
import { launchBrowser, type PlayerTab, type PushTab, Tab } from "../test/support/browser.ts";
import { until } from "../test/support/deadline.ts";
import { HttpViewer } from "../test/support/viewers.ts";

const folder = join(import.meta.dirname, "../docs/images");
const base = "http://localhost:8080";
const MAX_BYTES = 300_000;
/** Enough for the charts to have a shape. */
const WATCHED_MS = 20_000;

async function shoot({ page }: Tab<object>, name: string): Promise<void> {
  const path = join(folder, name);
  await page.screenshot({ path });
  const { size } = statSync(path);
  console.log(`${path}: ${size} bytes`);
  if (size > MAX_BYTES) throw new Error(`${name} is larger than ${MAX_BYTES} bytes`);
}

async function watchForAWhile(): Promise<void> {
  const startedMs = performance.now();
  await until("it has been watched for a while", () => performance.now() - startedMs > WATCHED_MS, 2 * WATCHED_MS, 500);
}

async function shootPlayer(browser: Browser): Promise<void> {
  await using player: PlayerTab = await Tab.open(browser, `${base}/index.html?stream=live/demo`, { colorScheme: "dark" });
  await player.until("it plays", ({ state }) => state === "playing");
  await watchForAWhile();
  await player.until("it is at the live edge", ({ latencyMs, playbackRate }) => playbackRate === 1 && (latencyMs ?? 9999) < 700);
  await shoot(player, "player.png");
}

async function shootHome(browser: Browser): Promise<void> {
  await using push: PushTab = await Tab.open(
    browser,
    `${base}/push.html?stream=studio/clock&source=test&auto=1&height=360&fps=25`,
  );
  await push.until("it is live", ({ state }) => state === "live");
  await using home = await Tab.open(browser, `${base}/`);
  using _viewers = watch(7, `${base}/studio/clock.flv`);
  await home.page.getByRole("button", { name: "Preview" }).nth(1).click();
  await watchForAWhile();
  await shoot(home, "home.png");
}

/** Lets so many viewers watch. */
function watch(count: number, url: string): Disposable {
  const viewers = new DisposableStack();
  for (let i = 0; i < count; i++) viewers.use(new HttpViewer(url));
  return viewers;
}

mkdirSync(folder, { recursive: true });
const server = await createServer({ ...defaultConfig(), demo: true, logLevel: "warn" });
const browser = await launchBrowser();
try {
  if (!browser) throw new Error("Chromium is not installed");
  await shootPlayer(browser);
  await shootHome(browser);
} finally {
  await browser?.close();
  await server.close();
}
