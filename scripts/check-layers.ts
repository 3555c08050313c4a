/** Checks the import direction between the folders of src/ and web/, and that no import cycle exists. Type-only imports count. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** From the bottom up: a folder may import from itself and from the folders before it. */
const LAYERS = ["base", "bytes", "media", "codecs", "containers", "protocols", "hub", "endpoints", "services", "app", "cli"];
/** These run in the browser and under the fuzzer too, so they may import no `node:` module and no package. */
const PURE = new Set(["base", "bytes", "media", "codecs", "containers", "protocols", "hub"]);
/** What the pages may import besides themselves and packages. */
const WEB_MAY = new Set(["base", "bytes", "media", "codecs", "containers"]);

const root = resolve(import.meta.dirname, "..");
const imports = new Map<string, string[]>();
const problems: string[] = [];

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.tsx?$/.test(entry.name)) yield path;
  }
}

const isTest = (file: string) => /\.(test|bench)\.tsx?$/.test(file);
/** What applications import is on top, beside the command line. */
const LIBRARY = "src/index.ts";
const layerOf = (file: string) =>
  file === LIBRARY ? "app" : file.startsWith("src/") ? (file.split("/")[1] ?? "") : (file.split("/")[0] ?? "");

function check(file: string): void {
  const text = readFileSync(join(root, file), "utf8");
  const targets: string[] = [];
  for (const [, spec = ""] of text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']/g)) {
    const from = layerOf(file);
    if (!spec.startsWith(".")) {
      if (PURE.has(from) && !isTest(file))
        problems.push(`${file}: ${from}/ imports ${spec}, but may import no module from outside`);
      continue;
    }
    const target = relative(root, resolve(root, dirname(file), spec));
    targets.push(target);
    const to = layerOf(target);
    const allowed =
      from === "web" ? to === "web" || WEB_MAY.has(to) : LAYERS.indexOf(to) >= 0 && LAYERS.indexOf(to) <= LAYERS.indexOf(from);
    if (!allowed && !isTest(file)) problems.push(`${file}: ${from}/ may not import ${target}`);
  }
  imports.set(file, targets);
}

function findCycles(): void {
  const state = new Map<string, "open" | "done">();
  const visit = (file: string, path: string[]): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      problems.push(`import cycle: ${[...path.slice(path.indexOf(file)), file].join(" → ")}`);
      return;
    }
    state.set(file, "open");
    for (const next of imports.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, "done");
  };
  for (const file of imports.keys()) visit(file, []);
}

for (const folder of ["src", "web"]) for (const file of sources(folder)) if (!file.includes("/dist/")) check(file);
findCycles();
for (const problem of problems) console.error(problem);
console.log(`layers: ${imports.size} files, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
