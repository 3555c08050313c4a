import { type Config, defaultConfig } from "../../src/app/config.ts";
import { createServer, type Server, type ServerOptions } from "../../src/app/server.ts";
import { type Logger, silentLogger } from "../../src/base/logger.ts";
import { until } from "./deadline.ts";

export interface TestServerOptions extends ServerOptions {
  readonly workers?: number;
  /** Ports of an earlier server, to come back on them; otherwise free ones. */
  readonly ports?: Server["ports"];
  readonly demo?: boolean;
  readonly limits?: Partial<Config["limits"]>;
  readonly hls?: Partial<Config["hls"]>;
}

/** A server of the test's own on free ports. `await using` closes it with the test. */
export class TestServer implements AsyncDisposable {
  readonly server: Server;

  constructor(server: Server) {
    this.server = server;
  }

  get rtmpPort(): number {
    return this.server.ports.rtmp[0]!;
  }

  get httpPort(): number {
    return this.server.ports.http[0]!;
  }

  rtmp(stream: string): string {
    return `rtmp://127.0.0.1:${this.rtmpPort}/${stream}`;
  }

  /** `path` without its first slash. */
  http(path: string): string {
    return `http://127.0.0.1:${this.httpPort}/${path}`;
  }

  ws(path: string): string {
    return `ws://127.0.0.1:${this.httpPort}/${path}`;
  }

  hls(stream: string): string {
    return this.http(`hls/${stream}/index.m3u8`);
  }

  report(stream: string): ReturnType<Server["streams"]>[number] | undefined {
    return this.server.streams().find(({ app, name }) => `${app}/${name}` === stream);
  }

  /** Waits until somebody publishes the stream. */
  async live(stream: string, deadlineMs = 15_000): Promise<void> {
    await until(`${stream} is published`, () => this.report(stream)?.publisher, deadlineMs);
  }

  /** Waits until the stream is gone, with its grace period. */
  async gone(stream: string, deadlineMs = 15_000): Promise<void> {
    await until(`${stream} is gone`, () => this.report(stream) === undefined, deadlineMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
  }
}

/** Starts a server inside this process, with short waiting times and without a word, unless the test says otherwise. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { workers = 1, ports = { rtmp: [0], http: [0] }, demo = false, limits, hls, ...serverOptions } = options;
  const standard = defaultConfig();
  const config: Config = {
    ...standard,
    rtmp: [...ports.rtmp],
    http: [...ports.http],
    workers,
    demo,
    logLevel: "silent",
    limits: { ...standard.limits, publisherGraceMs: 500, ...limits },
    hls: { ...standard.hls, ...hls },
  };
  return new TestServer(await createServer(config, { logger: silentLogger, ...serverOptions }));
}

/** Keeps the lines that the main thread logs. */
export class LogLines implements Logger {
  readonly lines: string[] = [];

  debug(fields: object, message: string): void {
    this.#add("debug", fields, message);
  }

  info(fields: object, message: string): void {
    this.#add("info", fields, message);
  }

  warn(fields: object, message: string): void {
    this.#add("warn", fields, message);
  }

  error(fields: object, message: string): void {
    this.#add("error", fields, message);
  }

  /** The lines that `pattern` matches. */
  grep(pattern: RegExp): string[] {
    return this.lines.filter((line) => pattern.test(line));
  }

  #add(level: string, fields: object, message: string): void {
    this.lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  }
}
