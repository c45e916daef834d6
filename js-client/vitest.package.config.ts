import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    maxWorkers: 1,
    reporters: ["default", ["junit", { outputFile: "../target/vitest-reports/package.xml" }]],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Else a poll gives up after a second.
    expect: { poll: { timeout: 45_000, interval: 20 } },
    projects: [
      { extends: true, test: { name: "package", include: ["test/package/**/*.test.ts"] } },
      {
        // The promises of the client also hold for what the builds make of it.
        extends: true,
        resolve: {
          alias: [
            {
              find: "../../src/index.js",
              replacement: fileURLToPath(new URL("dist/longspan.node.js", import.meta.url)),
            },
          ],
        },
        test: {
          name: "build",
          include: [
            "bayeux,cometd-peer,durable,keep-session,migration,presence,queues".split(","),
            "requests,resume,session,subscriptions,tokens,transports".split(","),
          ]
            .flat()
            .map((name) => `test/unit/${name}.test.ts`),
        },
      },
    ],
  },
});
