// Bundles the client with CometD: an ES module that a page can import as it is, and a script for a <script> tag.
import { build } from "esbuild";
import { readFile, rm } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

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

await build({
  ...common,
  format: "esm",
  plugins: [lighterCometD({ debugLog: true })],
  outfile: "dist/longspan.js",
});
await build({
  ...common,
  format: "iife",
  globalName: "longspan",
  minify: true,
  // Overridden in src/cometd.ts: CometD's own log goes nowhere.
  define: { ...common.define, "window.console": "undefined" },
  plugins: [lighterCometD({ debugLog: false })],
  outfile: "dist/longspan.min.js",
});
