// Builds the package: for browsers an ES module, a CommonJS module and a script for a <script> tag,
// for Node.js a CommonJS module with an ES module in front of it, and the declarations for all.
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import { bomOf, componentsOf, packagesOf } from "./bom.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
await rm(`${root}/dist`, { recursive: true, force: true });

/** Methods of CometD that this client overrides or never calls, by the file that has them. */
const UNREACHED = {
  Client:
    "#log _debug _info _warn onTransportFailure init addTransportListener removeTransportListener clearListeners " +
    "unsubscribe resubscribe publishBinary remoteCall remoteCallBinary setBackoffIncrement getBackoffPeriod " +
    "increaseBackoffPeriod #increaseBackoff getBackoffIncrement resetBackoffPeriod setLogLevel unregisterExtension " +
    "getExtension getName unregisterTransport send",
  LongPollingTransport: "xhrSend #newXMLHttpRequest #copyContext",
  RequestTransport: "abortXHR",
  Transport: "unregistered",
  TransportRegistry: "remove",
};

/** @throws Error where a method is not there: this CometD is another one than was looked at */
function withoutMethods(code, names) {
  for (const name of names) {
    const method = new RegExp(`^ {4}${name}\\(.*\\) \\{\\n[^]*?\\n {4}\\};?\\n`, "m");
    if (!method.test(code)) throw new Error(`CometD has no method ${name}`);
    code = code.replace(method, "");
  }
  return code;
}

/** What of CometD this client never reaches: a transport it does not register; in `min` also methods and debug log. */
const lighterCometD = ({ debugLog }) => ({
  name: "lighter-cometd",
  setup(builder) {
    builder.onLoad({ filter: /node_modules.cometd.CallbackPollingTransport\.js$/ }, () => ({
      contents: "export class CallbackPollingTransport {}",
    }));
    if (debugLog) return;
    builder.onLoad({ filter: /node_modules.cometd.\w+\.js$/ }, async ({ path }) => {
      const names = UNREACHED[basename(path, ".js")]?.split(" ") ?? [];
      // Whole statements on one line; their arguments have no effect.
      const contents = withoutMethods(await readFile(path, "utf8"), names).replace(
        /^ *this\.(_debug|debug|#debug)\(.*\);$/gm,
        "",
      );
      return { contents };
    });
  },
});

/** What the `window` of src/window.ts does not have, so that CometD's code for it is left out. */
const absent = ["Worker", "location", "XMLHttpRequest"];

/** What only Node.js needs: the package `ws`, which no bundler of a page may see, and what asks for Node.js. */
const withoutNode = {
  name: "without-node",
  setup(builder) {
    builder.onLoad({ filter: /src.node-web-socket\.ts$/ }, () => ({
      contents: "export const nodeWebSocket = undefined;",
    }));
    builder.onLoad({ filter: /src.\w[\w-]*\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replaceAll("isNode()", "false"),
      loader: "ts",
    }));
  },
};

const common = {
  absWorkingDir: root,
  entryPoints: ["src/index.ts"],
  bundle: true,
  target: "es2022",
  // CometD looks for the global `window`; it gets this module instead.
  inject: ["src/window.ts"],
  define: Object.fromEntries(absent.map((name) => [`window.${name}`, "undefined"])),
  sourcemap: true,
  banner: { js: "/*! longspan, Apache-2.0. Contains CometD (https://cometd.org), Apache-2.0. */" },
};
const whole = lighterCometD({ debugLog: true });

for (const [format, outfile] of [
  ["esm", "dist/longspan.js"],
  ["cjs", "dist/longspan.cjs"],
]) {
  await build({ ...common, format, plugins: [withoutNode, whole], outfile });
}
await build({
  ...common,
  format: "iife",
  globalName: "longspan",
  minify: true,
  // Overridden in src/cometd.ts: CometD's own log goes nowhere.
  define: { ...common.define, "window.console": "undefined" },
  plugins: [withoutNode, lighterCometD({ debugLog: false })],
  outfile: "dist/longspan.min.js",
});
await build({
  ...common,
  format: "cjs",
  platform: "node",
  external: ["ws"],
  plugins: [whole],
  outfile: "dist/longspan.node.cjs",
});

const { metafile } = await build({
  ...common,
  format: "esm",
  plugins: [withoutNode, whole],
  metafile: true,
  write: false,
});
// One copy of the classes for both kinds of modules, so that `instanceof` holds between them.
const names = Object.values(metafile.outputs).flatMap((each) => each.exports);
await writeFile(
  `${root}/dist/longspan.node.js`,
  `export { ${names.join(", ")} } from "./longspan.node.cjs";\n`,
);
await writeFile(`${root}/dist/longspan.bom.json`, bomOf(await componentsOf(packagesOf(metafile))));
await declarations();

async function declarations() {
  const folder = await mkdtemp(join(tmpdir(), "longspan-types-"));
  try {
    const tsc = `${root}/node_modules/typescript/bin/tsc`;
    const args = [tsc, "-p", "tsconfig.build.json", "--outDir", folder];
    execFileSync(process.execPath, args, { cwd: root, stdio: "inherit" });
    const bundle = await rollup({ input: join(folder, "index.d.ts"), plugins: [dts()] });
    await bundle.write({ file: `${root}/dist/longspan.d.ts`, format: "es" });
    await bundle.close();
    await copyFile(`${root}/dist/longspan.d.ts`, `${root}/dist/longspan.d.cts`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
