import { vi } from "vitest";

/** Calls `check` until it no longer throws. The limit is far beyond what any machine needs: it only ends what hangs. */
export const eventually = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 45_000, interval: 5 });
