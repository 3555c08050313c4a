/** What an application that embeds Sluice imports: `import { createServer, loadConfig } from "sluice"`. */
export { type Config, ConfigError, type ConfigSources, defaultConfig, loadConfig, type Settings } from "./app/config.ts";
export { createServer, type Server, type ServerOptions } from "./app/server.ts";
export type { StreamReport, TrackReport } from "./app/stream-report.ts";
export { VERSION } from "./app/version.ts";
export { type Logger, silentLogger } from "./base/logger.ts";
export { MediaError } from "./base/media-error.ts";
export type { AdmissionRequest, Authorize, Decision } from "./hub/admission.ts";
