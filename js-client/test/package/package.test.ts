import { build as esbuild } from "esbuild";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { basename, dirname } from "node:path";
import type { Browser } from "playwright-core";
import { rollup } from "rollup";
import { build as viteBuild, createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import webpack from "webpack";
import { launchChromium, withoutBrowser } from "../browser/chromium.js";
import { BayeuxPeer } from "../peer/bayeux-peer.js";
import { Project } from "./project.js";

// The packed client in projects of others, with their tools.

interface Exports {
  readonly exports: { readonly ".": { readonly default: { readonly default: string } } };
}

let project: Project;
let peer: BayeuxPeer;

beforeAll(async () => {
  [project, peer] = await Promise.all([Project.create(), BayeuxPeer.start()]);
});

afterAll(async () => {
  await peer.stop();
  await project.remove();
});

const installed = (file: string) => readFile(project.path(`node_modules/longspan/${file}`), "utf8");

/** Connects, asks, and says over what. */
const TALK = `
  await client.connect();
  const answer = await client.request("services/echo", "hello");
  const { transport } = client;
  await client.disconnect();`;

describe("the package", () => {
  it("contains the builds, their maps and declarations, and nothing else", () => {
    const scripts = ["min.js", "shared.min.js", "worker.js"];
    const pages = ["cjs", "js", "core.js", "shared.js", "chunk.js", "chunk.js", ...scripts];
    const optional = ["react", "streams"].flatMap((name) => [`${name}.js`, `${name}.cjs`]);
    const builds = [...pages, ...optional, "node.cjs"].flatMap((each) => [each, `${each}.map`]);
    const names = ["", "common.", "core.", "react.", "streams."];
    const types = [...names, "shared."].map((name) => `${name}d.ts`);
    const others = ["bom.json", "node.js", ...types, ...names.map((name) => `${name}d.cts`)];
    const files = project.files.map((file) => file.replace(/chunk-\w+/, "chunk"));
    expect(files.sort()).toEqual(
      [
        ...["LICENSE", "README.md", "package.json", "bin/longspan.js", "bin/types.js"],
        ...["dist/inspector.js", "dist/inspector.js.map"],
        ...[...builds, ...others].map((each) => `dist/longspan.${each}`),
      ].sort(),
    );
  });

  it("has one licence, and its text", async () => {
    const { license } = JSON.parse(await installed("package.json")) as { license: string };
    expect(license).toBe("Apache-2.0");
    const ours = await readFile(new URL("../../../LICENSE", import.meta.url), "utf8");
    expect(await installed("LICENSE")).toBe(ours);
    for (const build of ["js", "cjs", "min.js", "node.cjs"]) {
      expect(await installed(`dist/longspan.${build}`)).toContain("/*! longspan, Apache-2.0.");
    }
  });

  it("lists what it contains of other projects", async () => {
    const bom = JSON.parse(await installed("dist/longspan.bom.json")) as {
      components: { name: string }[];
    };
    const map = JSON.parse(await installed("dist/longspan.js.map")) as { sources: string[] };
    const used = map.sources.flatMap((file) => /node_modules\/([^/]+)/.exec(file)?.[1] ?? []);
    expect(bom.components.map(({ name }) => name)).toEqual([...new Set(used)]);
  });
});

describe("in a page", () => {
  const tools = ["esbuild", "webpack", "rollup", "commonjs", "core"];
  const main = (load: string) => `${load}
    (async () => {
      const client = new LongspanClient({ user: "alice", password: "alice" });
      ${TALK}
      document.title = answer.text() + " over " + transport;
    })();`;
  const page = (script: string) =>
    `<!doctype html><link rel="icon" href="data:,"><script type="module" src="${script}"></script>`;
  let server: ViteDevServer;
  let browser: Browser | undefined;

  beforeAll(async () => {
    const { root } = project;
    const esm = await project.write("main.js", main('import { LongspanClient } from "longspan";'));
    const cjs = await project.write(
      "main.cjs",
      main('const { LongspanClient } = require("longspan");'),
    );
    await project.write("index.html", page("/main.js"));
    for (const tool of tools) await project.write(`public/${tool}.html`, page(`/${tool}.js`));
    const outfile = (tool: string) => project.path(`public/${tool}.js`);
    await byEsbuild(esm, outfile("esbuild"));
    await byEsbuild(cjs, outfile("commonjs"));
    const load = 'import { CoreClient as LongspanClient } from "longspan/core";';
    await byEsbuild(await project.write("core.js", main(load)), outfile("core"));
    await byWebpack(esm, outfile("webpack"));
    await byRollup(esm, outfile("rollup"));
    const build = { outDir: project.path("public/vite"), copyPublicDir: false };
    await viteBuild({ root, base: "./", build, logLevel: "error" });
    server = await createServer({
      root,
      logLevel: "silent",
      server: { host: "127.0.0.1", port: 0, proxy: { "/cometd": { target: peer.url, ws: true } } },
    });
    await server.listen();
    if (!withoutBrowser) browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await server.close();
  });

  it.skipIf(withoutBrowser).each(["", "vite/", ...tools.map((tool) => `${tool}.html`)])(
    "works at /%s",
    async (path) => {
      const { port } = server.httpServer?.address() as AddressInfo;
      const opened = await browser!.newPage();
      const problems: string[] = [];
      opened.on("console", (said) => said.type() === "error" && problems.push(said.text()));
      opened.on("pageerror", (error) => problems.push(error.message));
      await opened.goto(`http://127.0.0.1:${port}/${path}`);
      await expect
        .poll(async () => [problems, await opened.title()])
        .toEqual([[], "hello over long-polling"]);
      await opened.close();
    },
  );

  async function byEsbuild(entry: string, outfile: string): Promise<void> {
    const { warnings } = await esbuild({ entryPoints: [entry], bundle: true, outfile });
    expect(warnings).toEqual([]);
  }

  async function byRollup(input: string, file: string): Promise<void> {
    const { exports } = JSON.parse(await installed("package.json")) as Exports;
    const bundle = await rollup({
      input,
      plugins: [
        {
          name: "resolve",
          resolveId: (id) =>
            id === "longspan"
              ? project.path(`node_modules/longspan/${exports["."].default.default}`)
              : null,
        },
      ],
      onwarn: ({ message }) => {
        throw new Error(message);
      },
    });
    expect(bundle.watchFiles).toHaveLength(4);
    await bundle.write({ file, format: "es" });
    await bundle.close();
  }

  function byWebpack(entry: string, file: string): Promise<void> {
    return new Promise((done, failed) => {
      const output = { path: dirname(file), filename: basename(file) };
      const { root } = project;
      webpack({ context: root, mode: "production", entry, output }, (error, stats) => {
        if (error !== null) failed(error);
        else if (stats?.hasErrors() === true || stats?.hasWarnings() === true) {
          failed(new Error(stats.toString()));
        } else done();
      });
    });
  }
});

describe("in Node.js", () => {
  const main = (load: string) => `${load}
    (async () => {
      const client = new LongspanClient({ url: process.argv[2], user: "alice", password: "alice" });
      ${TALK}
      console.log(answer.text() + " over " + transport);
    })();`;

  it("works in both kinds of modules, with the package ws and without it", async () => {
    await project.write("app.mjs", main('import { LongspanClient } from "longspan";'));
    await project.write("app.cjs", main('const { LongspanClient } = require("longspan");'));
    const withNative = "WebSocket" in globalThis ? "websocket" : "long-polling";
    for (const app of ["app.mjs", "app.cjs"]) {
      expect(await project.node(app, peer.url)).toBe(`hello over ${withNative}\n`);
    }
    await project.add("ws");
    for (const app of ["app.mjs", "app.cjs"]) {
      expect(await project.node(app, peer.url)).toBe("hello over websocket\n");
    }
  });

  it("has one copy of each class", async () => {
    await project.write(
      "same.mjs",
      `import { createRequire } from "node:module";
      import * as imported from "longspan";
      const required = createRequire(import.meta.url)("longspan");
      console.log(Object.keys(required).every((name) => imported[name] === required[name]));
      console.log(Object.keys(imported).length === Object.keys(required).length);
      const core = await import("longspan/core");
      console.log(core.CoreClient === createRequire(import.meta.url)("longspan/core").CoreClient);
      console.log(imported.LongspanClient.prototype instanceof core.CoreClient);`,
    );
    expect(await project.node("same.mjs")).toBe("true\ntrue\ntrue\ntrue\n");
  });
});

describe("in TypeScript", () => {
  const USE = `
    const client: LongspanClient = new LongspanClient({ url: "http://bridge/cometd" });
    client.on("status", ({ status, previous }: StatusEvent) => [status, previous].join());
    export const text: Promise<string> = client.request("a", { b: 1 }).then((it) => it.text());
    // @ts-expect-error: a number is no topic
    void client.topicSubscribe(1, () => undefined);`;

  it.each([
    ["app.mts", ["--module", "node16"]],
    ["app.cts", ["--module", "node16"]],
    ["app.cts", ["--module", "nodenext"]],
    ["app.ts", ["--module", "esnext", "--moduleResolution", "bundler"]],
    ["app.ts", ["--module", "commonjs", "--moduleResolution", "node10"]],
  ])("%s is checked with %s", async (file, options) => {
    const load = 'import { LongspanClient, type StatusEvent } from "longspan";';
    await project.write(file, `${load}\n${USE}`);
    expect(await project.tsc(options, file)).toBe("");
  });

  it.each([
    ["core.mts", ["--module", "node16"]],
    ["core.cts", ["--module", "node16"]],
    ["core.ts", ["--module", "esnext", "--moduleResolution", "bundler"]],
  ])("%s is checked with the types of longspan/core", async (file, options) => {
    const use = `import { CoreClient } from "longspan/core";
      const client = new CoreClient({ url: "http://bridge/cometd" });
      void client.topicSubscribe("a", ({ body }) => body, { selector: "b = 1" });
      // @ts-expect-error: only with longspan
      void client.queueSubscribe("a", () => undefined);
      // @ts-expect-error: only with longspan
      void client.topicSubscribe("a", () => undefined, { durable: "b" });`;
    await project.write(file, use);
    expect(await project.tsc(options, file)).toBe("");
  });
});
