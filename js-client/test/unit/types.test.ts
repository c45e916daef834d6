import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// The command `longspan types`; the test is the bridge that describes itself.

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

const price = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "A price",
  type: "object",
  properties: { price: { $ref: "#/$defs/amount" }, currency: { enum: ["EUR", "USD"] } },
  required: ["price"],
  additionalProperties: false,
  $defs: { amount: { type: "number" } },
};
const symbol = {
  type: "object",
  properties: { symbol: { type: "string" } },
  required: ["symbol"],
  additionalProperties: false,
};
const channel = (address: string, kind: string, payload?: object) => ({
  address,
  "x-kind": kind,
  messages: { body: payload === undefined ? {} : { payload } },
});
const DOCUMENT = {
  channels: {
    services_quote: { ...channel("services/quote", "queue", symbol), title: "Quotes" },
    services_service: channel("services/{service}", "queue"),
    prices_market: channel("prices/{market}", "topic", price),
  },
  operations: { send_services_quote: {}, send_services_service: {}, subscribe_prices_market: {} },
};
const USE = `
import { LongspanClient } from "longspan";
import type { Destinations } from "./destinations.js";
export async function use(client: LongspanClient<Destinations>) {
  await client.request("services/quote", { symbol: "ABC" });
  await client.request("services/echo", "anything");
  // @ts-expect-error
  await client.request("services/quote", { symbol: 1 });
  // @ts-expect-error
  await client.topicSubscribe("services/quote", () => undefined);
  await client.topicSubscribe("prices/london", (message) => {
    const currency: "EUR" | "USD" | undefined = message.json().currency;
    return [currency, message.json().price.toFixed(2)];
  });
}`;

describe("longspan types", () => {
  let server: Server;
  let url: string;
  let folder: string;
  const authorizations: unknown[] = [];

  beforeAll(async () => {
    server = createServer(({ url: path, headers: { authorization } }, response) => {
      authorizations.push(authorization);
      if (path === "/asyncapi.json") response.end(JSON.stringify(DOCUMENT));
      else response.writeHead(404).end();
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    folder = await mkdtemp(join(tmpdir(), "longspan-types-"));
  });

  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const types = (...args: string[]) =>
    run(process.execPath, [join(root, "bin/longspan.js"), "types", ...args], {
      env: { ...process.env, LONGSPAN_PASSWORD: "secret" },
    });

  it("writes types that the compiler checks calls with", async () => {
    const { stdout } = await types("--url", url, "--user", "alice");
    expect(authorizations.at(-1)).toBe(`Basic ${btoa("alice:secret")}`);
    expect(stdout).toContain("/** Quotes */");
    await writeFile(join(folder, "destinations.d.ts"), stdout);
    await writeFile(join(folder, "use.ts"), USE);
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: join(root, "tsconfig.json"),
        compilerOptions: {
          module: "ESNext",
          moduleResolution: "Bundler",
          types: [],
          paths: { longspan: [join(root, "src/index.ts")] },
        },
        include: ["."],
      }),
    );
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const checked = run(process.execPath, [tsc, "-p", folder]).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect((await checked).stdout).toBe("");
  });

  it("says what is wrong", async () => {
    const failed = (...args: string[]) =>
      types(...args).then(
        () => "",
        (error: unknown) => (error as { stderr: string }).stderr,
      );
    expect(await failed("--url", `${url}/other`)).toContain("404");
    expect(await failed()).toContain("Usage:");
    expect(await failed("--nothing")).toContain("Usage:");
    expect(await failed("--url", "http://127.0.0.1:1")).toContain("127.0.0.1:1");
  });
});
