/** `npm run fuzz -- --seconds 60 [--target NAME] [--seed N]`: mutates real captures and feeds them to every parser. */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fuzzOnce } from "./fuzz.ts";
import { fuzzTargets } from "./targets.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    target: { type: "string" },
    seed: { type: "string" },
  },
});

const targets = fuzzTargets().filter((target) => values.target === undefined || target.name === values.target);
if (targets.length === 0) {
  console.error(
    `no target "${values.target}"; there are: ${fuzzTargets()
      .map((target) => target.name)
      .join(", ")}`,
  );
  process.exit(2);
}
const first = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
const perTargetMs = (Number(values.seconds) * 1000) / targets.length;
let findings = 0;

for (const target of targets) {
  const endMs = performance.now() + (values.seed === undefined ? perTargetMs : 0);
  const peakBefore = process.memoryUsage().rss;
  let runs = 0;
  do {
    const finding = fuzzOnce(target, first + runs++);
    if (!finding) continue;
    findings++;
    mkdirSync("test-output/fuzz", { recursive: true });
    const file = `test-output/fuzz/${finding.target}-${finding.seed}.bin`;
    writeFileSync(file, finding.input);
    console.error(`${finding.target} --seed ${finding.seed} (${finding.input.length} bytes, ${file}):`, finding.error);
  } while (performance.now() < endMs && findings < 20);
  const grownMb = Math.round((process.memoryUsage().rss - peakBefore) / 1e6);
  console.log(
    `${target.name.padEnd(24)} ${String(runs).padStart(8)} inputs, ${target.seeds.length} seeds, memory ${grownMb >= 0 ? "+" : ""}${grownMb} MB`,
  );
}
console.log(findings === 0 ? "no findings" : `${findings} findings`);
process.exitCode = findings === 0 ? 0 : 1;
