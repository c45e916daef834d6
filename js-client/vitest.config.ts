import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    maxWorkers: 1,
    // How long a test takes says nothing on a busy machine; what hangs must end all the same.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Else a poll gives up after a second.
    expect: { poll: { timeout: 45_000, interval: 20 } },
    projects: [
      { extends: true, test: { name: "longspan", include: ["test/unit/**/*.test.ts"] } },
      {
        // The promises of topics and connections, also with the client of `longspan/core`.
        extends: true,
        resolve: {
          alias: [
            {
              find: "../../src/index.js",
              replacement: fileURLToPath(new URL("test/unit/core-client.ts", import.meta.url)),
            },
          ],
        },
        test: {
          name: "longspan/core",
          include: ["bad-network", "bayeux", "resume", "subscriptions", "transports"].map(
            (name) => `test/unit/${name}.test.ts`,
          ),
        },
      },
    ],
    reporters: ["default", ["junit", { outputFile: "../target/vitest-reports/unit.xml" }]],
  },
});
