import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vitest/config";

const shim = fileURLToPath(new URL("src/window.ts", import.meta.url));

/** As the build does: CometD's `window` is the one of src/window.ts. */
export const cometdWindow: Plugin = {
  name: "cometd-window",
  transform: (code, id) =>
    id.includes("/node_modules/cometd/")
      ? { code: `import { window } from ${JSON.stringify(shim)};\n${code}`, map: null }
      : undefined,
};

export default defineConfig({
  plugins: [cometdWindow],
  test: {
    include: ["test/unit/**/*.test.ts"],
    server: { deps: { inline: ["cometd"] } },
    maxWorkers: 1,
    // How long a test takes says nothing on a busy machine; what hangs must end all the same.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Else a poll gives up after a second.
    expect: { poll: { timeout: 45_000, interval: 20 } },
    reporters: ["default", ["junit", { outputFile: "../target/vitest-reports/unit.xml" }]],
  },
});
