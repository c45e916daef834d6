// A bridge in a process of its own, for the tests: the executable WAR on a free port, with its defaults.
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { constants } from "node:os";
import { createInterface } from "node:readline";

const READY = /^Longspan is ready: (https?:\S+)/;
const READY_WITHIN = 120_000;
const STOPPED_WITHIN = 30_000;

/**
 * Starts it. `ready` resolves with its address; `stop` ends it.
 *
 * @param {{war: string, log: string, settings?: Record<string, string>}} options `settings`: keys of the configuration, as variables of the environment
 */
export function startBridge({ war, log, settings = {} }) {
  const java = spawn("java", ["-jar", war], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...withoutOurs(process.env), LONGSPAN_HTTP_PORT: "0", ...settings },
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
export function statusOf(child) {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
