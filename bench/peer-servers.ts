import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort, type ServerProcess, type SpawnedServer, spawnServer, startServer } from "./server-process.ts";

const run = promisify(execFile);

const NMS = "node-media-server";
const NMS_VERSION = "4.4.3";
const NGINX_PACKAGES = ["nginx", "libnginx-mod-rtmp"];
const INSTALL_TIMEOUT_MS = 180_000;
const START_TIMEOUT_MS = 20_000;
const POLL_MS = 50;
/** nginx keeps a table of this size. */
const NGINX_CONNECTIONS = 19_000;

/** A server that can be measured. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  /** As `--protocol` names them. */
  readonly protocols: readonly string[];
  /** On free ports, pinned to `cores`; streams are `/live/{name}` over RTMP and `/live/{name}.flv` over HTTP and WebSocket. */
  start(cores: string | undefined): Promise<ServerProcess>;
}

/** A server that cannot. */
export interface AbsentPeer {
  readonly name: string;
  readonly why: string;
}

/** This project's server, with one media worker. */
export function sluice(environment: Readonly<Record<string, string>>): Peer {
  return {
    name: "sluice",
    version: "this tree",
    protocols: ["flv", "ws", "rtmp"],
    start: (cores) => startServer({ workers: 1, cores, nodeArguments: [], environment }),
  };
}

/** What is needed to run a peer is put into `folder`; nothing is installed outside of it. Resolves to the reason where that fails. */
export async function obtainPeer(name: string, folder: string): Promise<Peer | AbsentPeer> {
  const obtain = { nms: obtainNodeMediaServer, nginx: obtainNginx }[name];
  if (!obtain) return { name, why: "no such peer is known" };
  try {
    const own = join(folder, name);
    await mkdir(own, { recursive: true });
    return await obtain(own);
  } catch (error) {
    return { name, why: reasonOf(error) };
  }
}

/** Node-Media-Server from npm, in the same Node as Sluice. */
async function obtainNodeMediaServer(folder: string): Promise<Peer> {
  await writeFile(join(folder, "package.json"), '{"private":true}');
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"];
  // --prefix: `npm run` tells its children to install into the project.
  const install = ["install", "--prefix", folder, "--save-exact", ...quiet, `${NMS}@${NMS_VERSION}`];
  await run("npm", install, { cwd: folder, timeout: INSTALL_TIMEOUT_MS });
  const program = join(folder, "node_modules", NMS, "bin/app.js");
  return {
    name: "nms",
    version: `${NMS} ${NMS_VERSION}, Node ${process.version}`,
    protocols: ["flv", "ws", "rtmp"],
    async start(cores) {
      const [rtmpPort, httpPort] = [await freePort(), await freePort()];
      const config = join(folder, "config.json");
      const settings = {
        bind: "127.0.0.1",
        rtmp: { port: rtmpPort },
        http: { port: httpPort },
        auth: {},
        store: { path: "data" },
      };
      await writeFile(config, JSON.stringify(settings));
      const server = spawnServer([process.execPath, program, "-c", config, "--no-admin"], { cores, hasOutput: false });
      return untilListening(server, rtmpPort, httpPort);
    },
  };
}

/** nginx with its RTMP module from Debian's packages, unpacked but not installed. */
async function obtainNginx(folder: string): Promise<Peer> {
  await run("apt-get", ["download", "-qq", ...NGINX_PACKAGES], { cwd: folder, timeout: INSTALL_TIMEOUT_MS });
  const { stdout: list } = await run("sh", ["-c", "ls *.deb"], { cwd: folder });
  for (const file of list.trim().split("\n")) await run("dpkg-deb", ["-x", file, "root"], { cwd: folder });
  const program = join(folder, "root/usr/sbin/nginx");
  const { stderr: banner } = await run(program, ["-v"]);
  const config = join(folder, "nginx.conf");
  return {
    name: "nginx",
    version: `${banner.trim().split(" ").at(-1)}, ${/libnginx-mod-rtmp_([^_]+)/.exec(list)?.[1]?.replace("%3a", ":")}`,
    protocols: ["rtmp"],
    async start(cores) {
      const rtmpPort = await freePort();
      await writeFile(config, nginxConfig(folder, rtmpPort));
      const command = [program, "-p", folder, "-c", config, "-e", "stderr"];
      return untilListening(spawnServer(command, { cores, hasOutput: false }), rtmpPort, 0);
    },
  };
}

/** One worker process; all that concerns RTMP is as the module has it by default. */
function nginxConfig(folder: string, port: number): string {
  return `load_module ${folder}/root/usr/lib/nginx/modules/ngx_rtmp_module.so;
daemon off;
${process.getuid?.() === 0 ? "user root;" : ""}
worker_processes 1;
worker_rlimit_nofile ${NGINX_CONNECTIONS};
pid ${folder}/nginx.pid;
error_log stderr crit;
events { worker_connections ${NGINX_CONNECTIONS}; }
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    application live { live on; }
  }
}
`;
}

/** Takes the port for open once a connection stands: these servers do not say when they listen. */
async function untilListening(spawned: SpawnedServer, rtmpPort: number, httpPort: number): Promise<ServerProcess> {
  const { child: _, ...server } = spawned;
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (const port of httpPort === 0 ? [rtmpPort] : [rtmpPort, httpPort]) {
    while (!(await Promise.race([canConnect(port), server.ended]))) {
      if (performance.now() < deadline) await sleep(POLL_MS);
      else {
        await server[Symbol.asyncDispose]();
        throw new Error("it does not listen");
      }
    }
  }
  return { ...server, rtmpPort, httpPort };
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.resetAndDestroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** One line: what the program said, or else why it did not run. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const said = "stderr" in error ? String(error.stderr).trim().split("\n")[0] : "";
  return said || error.message.split("\n")[0] || error.name;
}
