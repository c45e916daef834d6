// Runs a command against a bridge of its own:
//   node scripts/with-bridge.mjs [--war FILE] [--log FILE] COMMAND [ARGUMENT…]
// The bridge is the executable WAR on a free port; the command finds it in LONGSPAN_URL. The exit status is the command's.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startBridge, statusOf } from "./running-bridge.mjs";

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
  const bridge = startBridge({ war, log });
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

async function printTail() {
  const lines = (await readFile(log, "utf8")).trimEnd().split("\n");
  console.error(`with-bridge: the end of the bridge's log (${log}):`);
  console.error(lines.slice(-TAIL_LINES).join("\n"));
}

function fail(message) {
  console.error(`with-bridge: ${message}`);
  process.exit(2);
}
