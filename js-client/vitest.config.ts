import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/unit/**/*.test.ts"],
    maxWorkers: 1,
    // How long a test takes says nothing on a busy machine; what hangs must end all the same.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Else a poll gives up after a second.
    expect: { poll: { timeout: 45_000, interval: 20 } },
    reporters: ["default", ["junit", { outputFile: "../target/vitest-reports/unit.xml" }]],
  },
});
