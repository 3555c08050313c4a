/**
 * Runs everything that must hold, and ends with one line: `123 passed, 0 failed, 4 skipped`.
 *
 *   node scripts/test.mjs [types] [lint] [layers] [unit] [pages] [e2e]     without names: all
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const bin = join(root, "node_modules/.bin");
/** All parts together; a run that hangs is ended and counted as a failure before the 30 minutes of CI are over. */
const MAX_TOTAL_MS = 28 * 60_000;
const deadline = Date.now() + MAX_TOTAL_MS;
const reports = mkdtempSync(join(tmpdir(), "sluice-test-"));

const PARTS = [
  { name: "types", run: () => checkWith("node_modules/typescript/bin/tsc", "--noEmit") },
  { name: "lint", run: () => checkWith("node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", ".") },
  { name: "layers", run: () => checkWith("scripts/check-layers.ts") },
  { name: "unit", run: () => vitest("unit") },
  { name: "pages", run: () => checkWith("scripts/bootstrap.mjs", "pages") },
  { name: "e2e", run: () => vitest("e2e") },
];

/** Runs a script with the Node of node_modules/.bin; resolves with its exit code, 1 when the time is over. */
function runNode(args) {
  return new Promise((done) => {
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` };
    const child = spawn("node", args, {
      cwd: root,
      env,
      stdio: ["ignore", "inherit", "inherit"],
      shell: process.platform === "win32",
    });
    const stop = () => child.kill("SIGKILL");
    const timer = setTimeout(() => {
      console.log(`ended after ${MAX_TOTAL_MS / 60_000} minutes`);
      stop();
    }, deadline - Date.now());
    process.once("exit", stop);
    child.on("error", (error) => console.log(error.message));
    child.on("close", (code) => {
      clearTimeout(timer);
      process.removeListener("exit", stop);
      done(code ?? 1);
    });
  });
}

/** A check without tests of its own counts as one. */
async function checkWith(...args) {
  const failed = (await runNode(args)) === 0 ? 0 : 1;
  return { passed: 1 - failed, failed, skipped: 0 };
}

async function vitest(project) {
  const report = join(reports, `${project}.json`);
  const args = ["node_modules/vitest/vitest.mjs", "run", "--project", project, "--passWithNoTests"];
  const code = await runNode([...args, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`]);
  return countTests(report, code);
}

/** Sums a report of vitest. A file that could not be loaded, and an error outside all tests, are failures too. */
function countTests(report, code) {
  let result = { testResults: [] };
  try {
    result = JSON.parse(readFileSync(report, "utf8"));
  } catch {} // no report: the exit code says whether that is a failure
  const tests = result.testResults.flatMap((file) => file.assertionResults);
  const count = (...states) => tests.filter((test) => states.includes(test.status)).length;
  const brokenFiles = result.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  const failed = count("failed") + brokenFiles;
  return {
    passed: count("passed"),
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: count("pending", "skipped", "todo", "disabled"),
  };
}

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !PARTS.some((part) => part.name === name));
if (unknown !== undefined) {
  console.error(`no part "${unknown}"; there are: ${PARTS.map((part) => part.name).join(", ")}`);
  process.exit(2);
}

const total = { passed: 0, failed: 0, skipped: 0 };
for (const part of PARTS) {
  if (wanted.length > 0 && !wanted.includes(part.name)) continue;
  console.log(`\n── ${part.name}`);
  const counts = await part.run();
  for (const key of Object.keys(total)) total[key] += counts[key];
}
rmSync(reports, { recursive: true, force: true });
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;
