// Runs a command against a bridge of its own:
//   node scripts/with-bridge.mjs [--war FILE] [--log FILE] COMMAND [ARGUMENT…]
// The bridge is the executable WAR on a free port; the command finds it in LONGSPAN_URL. The exit status is the command's.
import { spawn } from "node:child_process";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { constants } from "node:os";
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const READY = /^Longspan is ready: (http:\S+)/;
const READY_WITHIN = 120_000;
const STOPPED_WITHIN = 30_000;
const TAIL_LINES = 60;

const target = fileURLToPath(new URL("../../target/", import.meta.url));
const args = process.argv.slice(2);
// What follows the first word that is no option belongs to the command.
let ours = 0;
while (args[ours]?.startsWith("--")) ours += 2;
const { values } = parseArgs({
  args: args.slice(0, ours),
  options: { war: { type: "string" }, log: { type: "string" } },
});
const war = resolve(values.war ?? `${target}longspan.war`);
const log = resolve(values.log ?? `${target}with-bridge.log`);
const command = args.slice(ours);

if (command.length === 0) fail("no command is given");
if (!existsSync(war)) fail(`there is no ${war}; build it with: mvn -q package -DskipTests`);
process.exitCode = await main();

async function main() {
  await mkdir(dirname(log), { recursive: true });
  const bridge = startBridge();
  let running;
  const interrupted = () => running?.kill("SIGTERM");
  process.on("SIGINT", interrupted).on("SIGTERM", interrupted);
  let status = 1;
  try {
    const url = await bridge.ready;
    running = spawn(command[0], command.slice(1), {
      stdio: "inherit",
      env: { ...process.env, LONGSPAN_URL: url },
    });
    status = await statusOf(running);
  } catch (error) {
    console.error(`with-bridge: ${error.message}`);
  } finally {
    await bridge.stop();
  }
  if (status !== 0) await printTail();
  return status;
}

function startBridge() {
  const java = spawn("java", ["-jar", war], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...withoutOurs(process.env), LONGSPAN_HTTP_PORT: "0" },
  });
  const ended = statusOf(java).catch((error) => error);
  const file = createWriteStream(log);
  const ready = new Promise((found, failed) => {
    for (const stream of [java.stdout, java.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        file.write(`${line}\n`);
        const url = READY.exec(line)?.[1];
        if (url !== undefined) found(url);
      });
    }
    void ended.then((how) => failed(new Error(`the bridge ended before it was ready (${how})`)));
    const late = new Error(`the bridge was not ready in ${READY_WITHIN / 1000} s`);
    setTimeout(failed, READY_WITHIN, late).unref();
  });
  return {
    ready,
    async stop() {
      java.kill("SIGTERM");
      const force = setTimeout(() => java.kill("SIGKILL"), STOPPED_WITHIN);
      await ended;
      clearTimeout(force);
      await new Promise((closed) => file.end(closed));
    },
  };
}

/** The bridge takes every LONGSPAN_… for a key of its configuration; those here are for the tests, and it has its defaults. */
function withoutOurs(environment) {
  const others = Object.entries(environment).filter(([name]) => !name.startsWith("LONGSPAN_"));
  return Object.fromEntries(others);
}

/** Resolves with the exit status; of a process ended by a signal, with the shell's number for it. */
function statusOf(child) {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

async function printTail() {
  const lines = (await readFile(log, "utf8")).trimEnd().split("\n");
  console.error(`with-bridge: the end of the bridge's log (${log}):`);
  console.error(lines.slice(-TAIL_LINES).join("\n"));
}

function fail(message) {
  console.error(`with-bridge: ${message}`);
  process.exit(2);
}
