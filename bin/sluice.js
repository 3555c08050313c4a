#!/usr/bin/env node
// Plain JavaScript that Node 20 can run. An older Node than the sources need starts the one that npm installed beside them.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The oldest Node that runs the sources themselves: type stripping, `using`. */
const MIN_NODE_MAJOR = 24;

/** Runs this program in this process. The compile cache makes the next start faster and spares every thread the type stripper (20 MB). */
async function runHere() {
  module.enableCompileCache();
  const folder = module.getCompileCacheDir();
  if (folder) process.env.NODE_COMPILE_CACHE ??= dirname(folder); // for the threads
  try {
    await import("../src/cli/main.ts");
  } catch (error) {
    if (error?.code !== "ERR_MODULE_NOT_FOUND") throw error;
    fail(`${error.message.split("\n")[0]}; npm packages are missing: run npm ci in the folder of Sluice`);
  }
}

/** Runs this program in the Node of `node_modules/node`, as if it were this process. */
function runPinned() {
  const windows = process.platform === "win32";
  const node = fileURLToPath(new URL(`../node_modules/node/bin/node${windows ? ".exe" : ""}`, import.meta.url));
  if (!existsSync(node)) {
    fail(`Node ${MIN_NODE_MAJOR} or newer is needed, this is ${process.version}; npm ci in the folder of Sluice brings one`);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal tells both processes, others tell this one alone: the child takes two signals in a row as one.
  for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => child.kill(name));
  child.on("error", (error) => fail(error.message));
  child.on("close", (code) => process.exit(code ?? 1));
}

function fail(line) {
  console.error(`sluice: ${line}`);
  process.exit(1);
}

if (Number(process.versions.node.split(".")[0]) >= MIN_NODE_MAJOR) await runHere();
else runPinned();
