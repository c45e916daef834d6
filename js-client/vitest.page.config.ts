import { defineConfig } from "vitest/config";

const withoutBrowser = Boolean(process.env.LONGSPAN_SKIP_BROWSER);
if (withoutBrowser) console.warn("LONGSPAN_SKIP_BROWSER is set: the page's tests are left out");

export default defineConfig({
  test: {
    include: withoutBrowser ? [] : ["page-test/**/*.test.mjs"],
    passWithNoTests: withoutBrowser,
    maxWorkers: 1,
    reporters: ["default", ["junit", { outputFile: "../target/vitest-reports/page.xml" }]],
    // Two browsers and a bridge share the machine; each wait in a test has its own, shorter, bound.
    testTimeout: 90_000,
    hookTimeout: 30_000,
    // Else a poll gives up after a second.
    expect: { poll: { timeout: 45_000, interval: 20 } },
  },
});
