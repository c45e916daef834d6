import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { createServer } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import webpack from "webpack";
import WebpackDevServer from "webpack-dev-server";
import { launchChromium, withoutBrowser } from "./chromium.js";

// The chapter "Development server" of the README: a page of a development server, whose proxy leads
// to a running bridge.

const { LONGSPAN_URL = "" } = process.env;
const target = new URL(LONGSPAN_URL).origin;
const longspan = fileURLToPath(new URL("../../dist/longspan.js", import.meta.url));

const MAIN = `
import { LongspanClient } from "longspan";
const body = new URLSearchParams({ user: "alice", password: "alice" });
fetch("/login", { method: "POST", body })
  .then(async () => {
    const client = new LongspanClient({ logger: { debug() {}, info() {}, warn() {}, error() {} } });
    await client.connect();
    const answer = await client.request("services/echo", "hello");
    return answer.text() + " over " + client.transport;
  })
  .catch((error) => error.bridgeCode ?? error.message)
  .then((text) => (document.title = text));`;

interface Proxied {
  readonly target: string;
  readonly ws: true;
  readonly changeOrigin?: boolean;
  readonly headers?: Record<string, string>;
}

/** @returns its address, and what stops it */
type Serve = (root: string, proxied: Proxied) => Promise<[number, () => Promise<unknown>]>;

const byVite: Serve = async (root, proxied) => {
  const server = await createServer({
    root,
    logLevel: "silent",
    resolve: { alias: { longspan } },
    server: {
      host: "127.0.0.1",
      port: 0,
      fs: { strict: false },
      proxy: { "/cometd": proxied, "/login": proxied },
    },
  });
  await server.listen();
  return [(server.httpServer?.address() as AddressInfo).port, () => server.close()];
};

const byWebpack: Serve = async (root, proxied) => {
  const compiler = webpack({
    context: root,
    mode: "development",
    entry: "./main.js",
    output: { path: root, filename: "bundle.js" },
    resolve: { alias: { longspan } },
    infrastructureLogging: { level: "none" },
    stats: "none",
  });
  const server = new WebpackDevServer(
    {
      host: "127.0.0.1",
      port: "auto",
      static: root,
      proxy: [{ context: ["/cometd", "/login"], ...proxied }],
    },
    compiler,
  );
  await server.start();
  return [(server.server?.address() as AddressInfo).port, () => server.stop()];
};

describe.skipIf(withoutBrowser).each([
  ["Vite", byVite, "main.js"],
  ["webpack", byWebpack, "bundle.js"],
] as const)("the development server of %s", (_, serve, script) => {
  let chromium: Browser;
  let root: string;

  beforeAll(async () => {
    chromium = await launchChromium();
    root = await mkdtemp(join(tmpdir(), "longspan-dev-"));
    await writeFile(join(root, "main.js"), MAIN);
    const page = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/${script}"></script>`;
    await writeFile(join(root, "index.html"), page);
  });

  afterAll(async () => {
    await chromium.close();
    await rm(root, { recursive: true, force: true });
  });

  it.each([
    ["works as it is", {}, "hello over websocket"],
    ["is refused by name where it changes Host alone", { changeOrigin: true }, "originRefused"],
    [
      "works where it changes Host and Origin",
      { changeOrigin: true, headers: { origin: target } },
      "hello over websocket",
    ],
  ])("%s", async (_name, options, outcome) => {
    const [port, stop] = await serve(root, { target, ws: true, ...options });
    const page = await chromium.newPage();
    try {
      await page.goto(`http://127.0.0.1:${port}/`);
      await expect.poll(() => page.title()).toBe(outcome);
    } finally {
      await page.close();
      await stop();
    }
  });
});
