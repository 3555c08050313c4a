/**
 * What the pages use of mpegts.js. Its own types speak of a `default` that the package, a CommonJS module, does not have, so that
 * what type-checks would not run and the other way round.
 */
declare module "mpegts.js" {
  export interface Player {
    on(event: string, listener: (...details: never[]) => void): void;
    attachMediaElement(video: HTMLVideoElement): void;
    load(): void;
    destroy(): void;
  }

  interface Mpegts {
    createPlayer(
      source: { type: "flv"; isLive: boolean; url: string },
      config: Readonly<Record<string, boolean | number>>,
    ): Player;
    getFeatureList(): { readonly mseLivePlayback: boolean };
    readonly LoggingControl: { applyConfig(config: Readonly<Record<string, boolean>>): void };
    readonly Events: { readonly ERROR: string; readonly LOADING_COMPLETE: string; readonly STATISTICS_INFO: string };
    readonly ErrorTypes: { readonly NETWORK_ERROR: string };
    readonly ErrorDetails: { readonly MEDIA_CODEC_UNSUPPORTED: string };
  }

  const mpegts: Mpegts;
  export default mpegts;
}
