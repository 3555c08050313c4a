import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect, createServer, Server as NetServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { until } from "../support/deadline.ts";
import { type Program, sluice } from "../support/programs.ts";
import { LivePublisher, send } from "../support/publishers.ts";
import { sampleBytes, temporaryFolder } from "../support/samples.ts";
import { startServer } from "../support/server.ts";
import { HttpViewer, RtmpViewer, WebSocketViewer } from "../support/viewers.ts";

/** What the contract allows an orderly end to take. */
const STOP_MS = 5000;

interface Started {
  readonly program: Program;
  readonly rtmpPort: number;
  readonly httpPort: number;
}

/** Starts the command line's server on free ports and waits until it serves. */
async function serve(...args: string[]): Promise<Started> {
  const program = sluice("serve", "--rtmp", "0", "--http", "0", "--no-demo", "--json", "--log-level", "silent", ...args);
  const [line] = await program.says(/^\{"ports".*\}$/m);
  const { ports } = JSON.parse(line) as { ports: { rtmp: number[]; http: number[] } };
  return { program, rtmpPort: ports.rtmp[0]!, httpPort: ports.http[0]! };
}

describe.for(["SIGINT", "SIGTERM"] as const)("%s", (signal) => {
  test("tells everybody who is connected and ends in time with exit code 0", async () => {
    const { program, rtmpPort, httpPort } = await serve("--workers", "2");
    await using _program = program;
    using holder = new DisposableStack();
    const publisher = holder.use(await LivePublisher.start(rtmpPort, "live/last"));
    const rtmp = holder.use(new RtmpViewer(rtmpPort, "live/last"));
    const http = holder.use(new HttpViewer(`http://127.0.0.1:${httpPort}/live/last.flv`));
    const ws = holder.use(new WebSocketViewer(`ws://127.0.0.1:${httpPort}/live/last.flv`));
    await Promise.all([rtmp, http, ws].map((viewer) => viewer.frames(3)));
    const idle = holder.adopt(connect(rtmpPort, "127.0.0.1"), (socket) => socket.destroy());
    idle.on("error", () => {});
    const poster = startPosting(`http://127.0.0.1:${httpPort}/live/posted`, await sampleBytes("plain.flv"), holder);
    await until("the post is published", async () => {
      const { body } = await send("GET", `http://127.0.0.1:${httpPort}/api/streams`);
      return (JSON.parse(body) as { streams: { name: string }[] }).streams.some(({ name }) => name === "posted");
    });

    const startMs = performance.now();
    program.kill(signal);
    expect(await program.exit()).toEqual({ code: 0, signal: null });
    expect(performance.now() - startMs).toBeLessThan(STOP_MS);
    expect(program.stderr).toBe("");
    expect(await ws.ended()).toBe("1001 server stopping");
    expect(await http.ended()).toBe("end of the response");
    expect(await rtmp.ended()).toMatch(/^NetStream\.Play\./);
    await publisher.rtmp.closed();
    expect(publisher.rtmp.end?.description).toContain("server stopping");
    expect(await poster).toContain("server stopping");
  });
});

/** Publishes by POST without an end; the promise gives what the server says when it ends it. */
function startPosting(url: string, bytes: Uint8Array, holder: DisposableStack): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const outgoing = request(url, { method: "POST", agent: false }, (response) => {
    let text = "";
    response.on("data", (bytes: Buffer) => {
      text += bytes.toString();
    });
    response.on("close", () => resolve(text));
  });
  outgoing.on("error", (error) => resolve(error.message));
  holder.defer(() => outgoing.destroy());
  outgoing.write(bytes);
  return promise;
}

test("a viewer that does not read does not hold up the end", async () => {
  const server = await startServer({ workers: 2 });
  using _publisher = await LivePublisher.start(server.rtmpPort, "live/heavy", { sample: "heavy.flv", speed: 3 });
  const stuck = connect(server.httpPort, "127.0.0.1");
  using _stuck = { [Symbol.dispose]: () => stuck.destroy() };
  stuck.on("error", () => {});
  stuck.pause();
  stuck.write("GET /live/heavy.flv HTTP/1.1\r\nHost: localhost\r\n\r\n");
  using viewer = new HttpViewer(server.http("live/heavy.flv"));
  await viewer.frames(200);
  const startMs = performance.now();
  await Promise.all([server.server.close(), server.server.close()]);
  expect(performance.now() - startMs).toBeLessThan(STOP_MS);
  await viewer.ended();
});

/** Ended by itself, with one line that says why, and nothing on the way to being started. */
async function expectOneLine(program: Program, line: RegExp): Promise<void> {
  await using _program = program;
  const { code } = await program.exit();
  expect(code, program.output).toBeGreaterThan(0);
  expect(program.stdout).toBe("");
  expect(program.stderr).toMatch(line);
  expect(program.stderr.trimEnd().split("\n").length).toBe(1);
}

describe("a start that cannot succeed ends with one clear line", () => {
  test.for(["::", "0.0.0.0", "127.0.0.1"])("a port that another program has on %s", async (host) => {
    const other = createServer();
    await new Promise<void>((listening) => other.listen(0, host, listening));
    using _other = { [Symbol.dispose]: () => other.close() };
    const address = other.address();
    const port = String(typeof address === "object" && address ? address.port : 0);
    const taken = new RegExp(`^sluice: (RTMP|HTTP) port ${port} is taken by another program`);
    await expectOneLine(sluice("serve", "--rtmp", port, "--http", "0", "--no-demo"), taken);
    await expectOneLine(sluice("serve", "--rtmp", "0", "--http", port, "--no-demo"), taken);
  });

  test("a port that another Sluice has, which goes on", async () => {
    const { program, rtmpPort, httpPort } = await serve("--workers", "2");
    await using _program = program;
    const second = sluice("serve", "--rtmp", String(rtmpPort), "--http", "0", "--no-demo");
    await expectOneLine(second, new RegExp(`^sluice: RTMP port ${rtmpPort} is taken`));
    const { status } = await send("GET", `http://127.0.0.1:${httpPort}/api/streams`);
    expect(status).toBe(200);
  });

  test("the same port twice", async () => {
    await expectOneLine(sluice("serve", "--rtmp", "18080", "--http", "18080"), /^sluice: .*18080/);
  });

  test("a flag that does not exist, and the nearest that does", async () => {
    await expectOneLine(sluice("serve", "--htpp", "0"), /^sluice: .*--htpp.*--http/);
    await expectOneLine(sluice("serve", "--http", "seventy"), /^sluice: .*http.*port/);
    await expectOneLine(sluice("srve"), /^sluice: .*srve.*serve/);
  });

  test("a configuration that cannot be read or used, with file and line", async () => {
    using folder = temporaryFolder();
    const write = (name: string, text: string): string => {
      writeFileSync(join(folder.path, name), text);
      return join(folder.path, name);
    };
    const start = (file: string) => sluice("serve", "--config", file, "--rtmp", "0", "--http", "0");
    await expectOneLine(start(join(folder.path, "missing.yaml")), /^sluice: .*missing\.yaml: cannot be read: no such file/);
    await expectOneLine(start(folder.path), /^sluice: .*: cannot be read: is a folder/);
    await expectOneLine(start(write("broken.yaml", "http: [8080\nworkers: 2\n")), /^sluice: .*broken\.yaml:\d+: /);
    await expectOneLine(start(write("unknown.yaml", "workers: 1\nhtpp: 8080\n")), /^sluice: .*unknown\.yaml:2: .*"htpp".*"http"/);
    await expectOneLine(start(write("range.yaml", "limits:\n  maxLagMs: 1\n")), /^sluice: .*range\.yaml:2: .*maxLagMs.*500/);
  });
});

describe("addresses", () => {
  test("a server listens on IPv6 and IPv4", async () => {
    await using server = await startServer();
    const startsWith = async (url: string) => (await send("GET", url)).body.slice(0, 10);
    expect(await startsWith(server.http("api/streams"))).toBe('{"server":');
    expect(await startsWith(server.http("api/streams").replace("127.0.0.1", "[::1]"))).toBe('{"server":');
  });

  test("on a host without IPv6 it listens on IPv4", async () => {
    const listen = NetServer.prototype.listen;
    const withoutIpv6 = vi.spyOn(NetServer.prototype, "listen").mockImplementation(function (this: NetServer, ...args) {
      const [options] = args as unknown[];
      const host = typeof options === "object" && options !== null && "host" in options ? options.host : undefined;
      if (host !== "::") return Reflect.apply(listen, this, args);
      const error = Object.assign(new Error("listen EAFNOSUPPORT"), { code: "EAFNOSUPPORT" });
      queueMicrotask(() => this.emit("error", error));
      return this;
    });
    using _restore = { [Symbol.dispose]: () => withoutIpv6.mockRestore() };
    await using server = await startServer();
    expect((await send("GET", server.http("api/streams"))).status).toBe(200);
    await expect(send("GET", server.http("api/streams").replace("127.0.0.1", "[::1]"))).rejects.toThrow("ECONNREFUSED");
  });
});
