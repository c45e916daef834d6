import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/package/**/*.test.ts"],
    maxWorkers: 1,
    reporters: ["default", ["junit", { outputFile: "../target/vitest-reports/package.xml" }]],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Else a poll gives up after a second.
    expect: { poll: { timeout: 45_000, interval: 20 } },
  },
});
