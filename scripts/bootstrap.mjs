/**
 * Installs and builds what `npm start` and `npm test` need on a machine that has only git, npm and Node 20 or newer.
 * Plain JavaScript: it runs before the pinned Node, which runs the TypeScript, is there.
 *
 *   node scripts/bootstrap.mjs start|test|pages
 *
 * `start` builds the pages too; `test` leaves that to scripts/test.mjs, which counts a failed build (`pages`) as a failed test.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const isWindows = process.platform === "win32";
/** The oldest Node that runs the sources themselves: type stripping, `using`. */
const MIN_NODE_MAJOR = 24;

const GSTREAMER = ["tools", "plugins-base", "plugins-good", "plugins-bad", "plugins-ugly", "libav"].map(
  (part) => `gstreamer1.0-${part}`,
);

/** What the end-to-end tests drive, and the Debian packages that bring it. */
const CLIENTS = [
  { name: "ffmpeg", isThere: () => onPath("ffmpeg") && onPath("ffprobe"), packages: ["ffmpeg"] },
  { name: "chromium", isThere: () => ["chromium", "chromium-browser", "google-chrome"].some(onPath), packages: ["chromium"] },
  {
    name: "gstreamer",
    isThere: () => onPath("gst-launch-1.0") && GSTREAMER.every(isDebianPackageInstalled),
    packages: GSTREAMER,
  },
];

/** Ends the run with one line that says what to do. */
function fail(line) {
  console.error(`sluice: ${line}`);
  process.exit(1);
}

const say = (line) => console.log(`sluice: ${line}`);

function onPath(command) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** True when node_modules holds what package-lock.json asks for; packages for other platforms may be missing. */
function isInstalled() {
  const wanted = readJson(join(root, "package-lock.json"))?.packages ?? {};
  const installed = readJson(join(root, "node_modules/.package-lock.json"))?.packages;
  if (!installed) return false;
  return Object.entries(wanted).every(([path, { version, optional, peer, link }]) => {
    if (path === "" || link) return true;
    return installed[path] ? installed[path].version === version : optional === true || peer === true;
  });
}

/** Runs npm: the one that runs this script when there is one, else the one on the PATH. */
function npm(args) {
  const cli = process.env.npm_execpath;
  const options = { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };
  if (cli && /\.c?js$/.test(cli)) return spawnSync(process.execPath, [cli, ...args], options);
  return spawnSync("npm", args, { ...options, shell: isWindows });
}

/** The last lines of a failed command that say something. */
function reason(result, lines = 3) {
  if (result.error) return result.error.message;
  const said = `${result.stderr ?? ""}\n${result.stdout ?? ""}`.split("\n").map((line) => line.trim());
  return said
    .filter((line) => line !== "" && !/complete log of this run|^npm warn/i.test(line))
    .slice(0, lines)
    .join(" | ");
}

function installPackages() {
  if (isInstalled()) return;
  say("installing npm packages …");
  // Development packages hold the pinned Node, so NODE_ENV=production must not leave them out.
  const result = npm(["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (result.status !== 0) fail(`npm ci failed: ${reason(result)}`);
}

const pinnedNode = join(root, "node_modules", ".bin", isWindows ? "node.cmd" : "node");

function nodeMajor(command) {
  const result = spawnSync(command, ["--version"], { encoding: "utf8", shell: isWindows });
  return result.status === 0 ? Number(/^v(\d+)/.exec(result.stdout)?.[1] ?? 0) : 0;
}

/** Gives the Node that will run the sources; npm puts node_modules/.bin first on the PATH of what it runs next. */
function checkNode() {
  if (existsSync(pinnedNode) && nodeMajor(pinnedNode) >= MIN_NODE_MAJOR) return pinnedNode;
  // The binary comes by the install script of the package "node", which `ignore-scripts` or a blocked download may have stopped.
  const result = npm(["rebuild", "node", "--ignore-scripts=false", "--foreground-scripts", "--loglevel=error"]);
  if (existsSync(pinnedNode) && nodeMajor(pinnedNode) >= MIN_NODE_MAJOR) return pinnedNode;
  if (Number(process.versions.node.split(".")[0]) >= MIN_NODE_MAJOR) return process.execPath;
  return fail(
    `Node ${MIN_NODE_MAJOR} from npm does not run here (${reason(result, 1) || "no binary"}); this is Node ${process.versions.node}. ` +
      `Install Node ${MIN_NODE_MAJOR} or newer, or run: npm rebuild node --ignore-scripts=false`,
  );
}

/** The files that the pages are made of: the layers that they may import are in scripts/check-layers.ts. */
const PAGE_SOURCES = ["web", "src/base", "src/bytes", "src/media", "src/codecs", "src/containers"];

function* filesUnder(folder) {
  if (!existsSync(join(root, folder))) return;
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = `${folder}/${entry.name}`;
    if (path === "web/dist" || entry.name.startsWith(".") || /\.test\.tsx?$/.test(entry.name)) continue;
    if (entry.isDirectory()) yield* filesUnder(path);
    else yield path;
  }
}

function hashPageSources() {
  const hash = createHash("sha256");
  for (const folder of PAGE_SOURCES)
    for (const path of filesUnder(folder)) hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  return hash.update(readFileSync(join(root, "package-lock.json"))).digest("hex");
}

function buildPages(node) {
  if (!existsSync(join(root, "web/vite.config.ts"))) return;
  const stamp = join(root, "web/dist/.sources-sha256");
  const hash = hashPageSources();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return;
  say("building the pages …");
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const result = spawnSync(node, [vite, "build", "--config", "web/vite.config.ts", "--logLevel", "warn"], {
    cwd: root,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
    encoding: "utf8",
    shell: isWindows,
  });
  if (result.status !== 0) fail(`building the pages failed: ${reason(result, 8)}`);
  mkdirSync(join(root, "web/dist"), { recursive: true });
  writeFileSync(stamp, hash);
}

function isDebianPackageInstalled(name) {
  if (!onPath("dpkg-query")) return true; // another system: what is on the PATH counts
  const result = spawnSync("dpkg-query", ["-s", name], { encoding: "utf8" });
  return result.stdout?.includes("install ok installed") ?? false;
}

/** How to run apt-get without being asked for a password; undefined when there is no way. */
function aptGet() {
  if (!onPath("apt-get")) return undefined;
  if (process.getuid?.() === 0) return ["env"];
  return onPath("sudo") && spawnSync("sudo", ["-n", "true"]).status === 0 ? ["sudo", "-n", "env"] : undefined;
}

function installClients() {
  const missing = CLIENTS.filter((client) => !client.isThere());
  if (missing.length === 0) return;
  const names = missing.map((client) => client.name).join(", ");
  const prefix = aptGet();
  if (!prefix) {
    say(`${names}: not installed, and apt-get needs Debian and root; tests that need them will be skipped`);
    return;
  }
  say(`installing ${names} by apt-get …`);
  const apt = (...args) =>
    spawnSync(prefix[0], [...prefix.slice(1), "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y", ...args], {
      encoding: "utf8",
    });
  apt("update");
  const install = (packages) => apt("install", "--no-install-recommends", ...packages);
  if (install(missing.flatMap((client) => client.packages)).status === 0) return;
  for (const client of missing) {
    const result = install(client.packages);
    if (result.status !== 0) say(`${client.name}: apt-get failed (${reason(result, 1)}); its tests will be skipped`);
  }
}

const purpose = process.argv[2] ?? "";
if (!["start", "test", "pages"].includes(purpose)) fail("usage: node scripts/bootstrap.mjs start|test|pages");
if (Number(process.versions.node.split(".")[0]) < 20) fail(`Node 20 or newer is needed, this is ${process.versions.node}`);
installPackages();
const node = checkNode();
if (purpose === "test") installClients();
else buildPages(node);
