import { existsSync } from "node:fs";
import { join } from "node:path";
import sirv from "sirv";
import type { HttpHandler } from "../endpoints/http/server.ts";

/** Serves the built pages: `/` is the home page, files under `/assets/` have their content's hash in their names. */
export function pageHandler(webRoot: string): HttpHandler {
  if (webRoot === "" || !existsSync(webRoot)) return () => false;
  const serve = sirv(webRoot, {
    dotfiles: false,
    etag: true,
    setHeaders: (response, path) => {
      const isHashed = path.startsWith("/assets/");
      response.setHeader("Cache-Control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
  const hasHome = existsSync(join(webRoot, "home.html"));
  return (path, _query, request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") return false;
    if (path === "/" && hasHome) request.url = "/home.html";
    const { promise, resolve } = Promise.withResolvers<boolean>();
    response.once("close", () => resolve(true));
    serve(request, response, () => resolve(false));
    return promise;
  };
}
