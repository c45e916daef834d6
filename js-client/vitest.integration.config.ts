import { defineConfig } from "vitest/config";

if (!process.env.LONGSPAN_URL) {
  throw new Error(
    "LONGSPAN_URL names no bridge: npm run verify:bridge starts one, and runs these tests",
  );
}

export default defineConfig({
  test: {
    include: ["test/integration/**/*.test.ts", "test/browser/**/*.test.ts"],
    maxWorkers: 1,
    reporters: ["default", ["junit", { outputFile: "../target/vitest-reports/integration.xml" }]],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Else a poll gives up after a second.
    expect: { poll: { timeout: 45_000, interval: 20 } },
  },
});
