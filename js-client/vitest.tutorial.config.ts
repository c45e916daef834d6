import { defineConfig } from "vitest/config";

// Needs the npm registry, so it is no part of `npm run verify`.
export default defineConfig({
  test: {
    include: ["test/tutorial/**/*.test.ts"],
    reporters: ["default", ["junit", { outputFile: "../target/vitest-reports/tutorial.xml" }]],
    testTimeout: 600_000,
    hookTimeout: 60_000,
    // Else a poll gives up after a second.
    expect: { poll: { timeout: 45_000, interval: 20 } },
  },
});
