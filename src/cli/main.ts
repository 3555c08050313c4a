#!/usr/bin/env node
import { processIo } from "./process-io.ts";
import { run } from "./run.ts";
import { serve } from "./serve.ts";

/** The first is what `sluice` does without a command. */
const COMMANDS = [serve];

process.exit(await run(process.argv.slice(2), COMMANDS, processIo()));
