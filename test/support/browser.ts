import { type Browser, chromium, type Page } from "playwright-core";
import type { TestContext } from "vitest";
import type { PlayerAutomation } from "../../web/player/player-status.ts";
import type { PushAutomation } from "../../web/push/push-status.ts";
import { until } from "./deadline.ts";
import { pathOf, requireClients } from "./programs.ts";

/** Names of one browser in different systems. */
const CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** No sandbox, because tests run as root in containers; nothing that asks the Internet. */
const CHROMIUM_ARGUMENTS = [
  "--no-sandbox",
  "--autoplay-policy=no-user-gesture-required",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

const installedName = (): string | undefined => CHROMIUM_NAMES.find((name) => pathOf(name) !== undefined);

/** Skips the test (which is counted) when there is no Chromium; in CI that is a failure. */
export function requireBrowser(context: TestContext): void {
  requireClients(context, installedName() ?? "chromium");
}

/** Starts the headless Chromium of this machine; undefined when there is none. */
export async function launchBrowser(): Promise<Browser | undefined> {
  const name = installedName();
  const executablePath = name && pathOf(name);
  return executablePath ? await chromium.launch({ executablePath, args: CHROMIUM_ARGUMENTS }) : undefined;
}

/** What `window.sluice` says, by page. The home page has none. */
export type PlayerTab = Tab<PlayerAutomation>;
export type PushTab = Tab<PushAutomation>;

export interface TabOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
}

/** Deadline for what may take a while on a loaded machine. */
const PATIENCE_MS = 30_000;
/** Each look at a page takes some of its time. */
const LOOK_EVERY_MS = 100;

/** One page in a profile of its own. `await using` closes it, and throws when something in the page has thrown and nobody caught it. */
export class Tab<Status extends object = Record<string, never>> implements AsyncDisposable {
  readonly page: Page;
  readonly #errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.#errors.push(error.stack ?? error.message));
  }

  static async open<Status extends object>(browser: Browser, url: string, options: TabOptions = {}): Promise<Tab<Status>> {
    const { width = 1280, height = 800, colorScheme = "light" } = options;
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const tab = new Tab<Status>(await context.newPage());
    await tab.page.goto(url);
    return tab;
  }

  /** `window.sluice` as it is now. */
  async status(): Promise<Status> {
    return await this.page.evaluate<Status>("({ ...window.sluice })");
  }

  /** Waits until the status of the page is such, and gives it. */
  async until(what: string, holds: (status: Status) => boolean, ms = PATIENCE_MS): Promise<Status> {
    let last: Status | undefined;
    const look = async (): Promise<Status | undefined> => {
      last = await this.status();
      return holds(last) ? last : undefined;
    };
    try {
      return (await until(what, look, ms, LOOK_EVERY_MS)) as Status;
    } catch (error) {
      throw new Error(`${what}: not within ${ms} ms; the page says ${JSON.stringify(last)}`, { cause: error });
    }
  }

  /** Waits until the text of the page has it. */
  async untilText(pattern: RegExp, selector = "body", ms = PATIENCE_MS): Promise<void> {
    let text = "";
    const look = async (): Promise<boolean> => {
      text = await this.page.evaluate((css) => document.querySelector<HTMLElement>(css)?.innerText ?? "", selector);
      return pattern.test(text);
    };
    await until(`${selector} says ${pattern}`, look, ms, LOOK_EVERY_MS).catch((error: unknown) => {
      throw new Error(`${error instanceof Error ? error.message : error}; it says: ${text}`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
    if (this.#errors.length > 0) throw new Error(`uncaught in the page: ${this.#errors.join("\n")}`);
  }
}
