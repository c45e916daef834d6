import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const { LONGSPAN_URL = "" } = process.env;
const command = fileURLToPath(new URL("../../bin/longspan.js", import.meta.url));

it("writes the types of what a user of the bridge may use", async () => {
  const args = [command, "types", "--url", LONGSPAN_URL, "--user", "alice"];
  const env = { ...process.env, LONGSPAN_PASSWORD: "alice" };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  expect(stdout).toContain("export type Destinations = ");
  expect(stdout).toMatch(/\[name: `chat\/\$\{string\}`\]: \{ .*message: JsonValue/);
  expect(stdout).toMatch(/`services\/\$\{string\}`|"services\/echo"/);
});
