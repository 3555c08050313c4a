#!/usr/bin/env node
// Plain JavaScript, so that the compile cache is on before the first TypeScript file is read: the next start is faster, and Node's
// type stripper (20 MB in each thread) is not loaded at all.
import { enableCompileCache, getCompileCacheDir } from "node:module";
import { dirname } from "node:path";

enableCompileCache();
const folder = getCompileCacheDir();
if (folder) process.env.NODE_COMPILE_CACHE ??= dirname(folder); // for the threads
await import("../src/cli/main.ts");
