#!/usr/bin/env node
import { probe } from "./probe.ts";
import { processIo } from "./process-io.ts";
import { pull } from "./pull.ts";
import { push } from "./push.ts";
import { run } from "./run.ts";
import { serve } from "./serve.ts";

/** The first is what `sluice` does without a command. */
const COMMANDS = [serve, push, pull, probe];

process.exit(await run(process.argv.slice(2), COMMANDS, processIo()));
