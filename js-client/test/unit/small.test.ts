import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Backoff } from "../../src/backoff.js";
import { CorrelationIds } from "../../src/correlation.js";
import { Events } from "../../src/events.js";
import { systemClock, Timers } from "../../src/timers.js";

describe("Backoff", () => {
  it("doubles up to its bound and begins anew", () => {
    const backoff = new Backoff(100, 1000, () => 1);
    const waits = Array.from({ length: 6 }, () => backoff.next());
    expect(waits).toEqual([100, 200, 400, 800, 1000, 1000]);
    backoff.reset();
    expect(backoff.next()).toBe(100);
  });

  it("spreads the clients over half of each wait", () => {
    expect(new Backoff(100, 1000, () => 0).next()).toBe(50);
  });

  it("stays finite however often it fails", () => {
    const backoff = new Backoff(1, 1000, () => 1);
    for (let i = 0; i < 5000; i++) expect(backoff.next()).toBeLessThanOrEqual(1000);
  });
});

describe("CorrelationIds", () => {
  const random = "0".repeat(32);

  it("are the client id, a counter and 128 random bits, anew in each session", () => {
    const ids = new CorrelationIds();
    ids.begin("1mbx");
    expect(ids.next()).toMatch(/^1mbx-1-[0-9a-f]{32}$/);
    const second = ids.next();
    expect(second).toMatch(/^1mbx-2-[0-9a-f]{32}$/);
    expect(ids.made(second)).toBe(true);
    for (const other of [`1mbx-3-${random}`, `1mbx-0-${random}`, "1mbx-2", "1mbx-", "2-1", ""]) {
      expect(ids.made(other)).toBe(false);
    }
    ids.begin("2mbx");
    expect(ids.next()).toMatch(/^2mbx-1-/);
    expect(ids.made(second)).toBe(false);
  });

  it("go on after a reload of the page, and none is made twice", () => {
    const before = new CorrelationIds();
    before.begin("1mbx");
    const first = before.next();
    const after = new CorrelationIds();
    after.restore(before.last);
    expect(after.made(first)).toBe(true);
    expect(after.next()).toMatch(/^1mbx-2-/);
  });

  it("cannot be guessed from earlier ones", () => {
    const ids = new CorrelationIds();
    ids.begin("1mbx");
    const parts = Array.from({ length: 2000 }, () => ids.next().slice(-32));
    expect(new Set(parts).size).toBe(parts.length);
    // Each of the 128 bits is set in about half of the ids: 10 standard deviations are allowed.
    for (let bit = 0; bit < 128; bit++) {
      const set = parts.filter((part) => (parseInt(part[bit >> 2] ?? "", 16) >> (bit & 3)) & 1);
      expect(Math.abs(set.length - 1000)).toBeLessThan(224);
    }
  });

  it("need no secure context", () => {
    vi.stubGlobal("crypto", {
      getRandomValues: (bytes: Uint8Array) => bytes.fill(7),
    });
    try {
      const ids = new CorrelationIds();
      ids.begin("1mbx");
      expect(ids.next()).toBe(`1mbx-1-${"07".repeat(16)}`);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe("Events", () => {
  it("calls a listener once for each time it was added, until it is ended", () => {
    const events = new Events<{ a: number }>(console);
    const listener = vi.fn();
    const first = events.on("a", listener);
    events.on("a", listener);
    events.emit("a", 1);
    first();
    first();
    events.emit("a", 2);
    expect(listener.mock.calls).toEqual([[1], [1], [2]]);
  });
});

describe("Timers", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("leave none behind once closed", () => {
    const timers = new Timers(systemClock);
    const run = vi.fn();
    timers.set(run, 10);
    timers.clear(timers.set(run, 10));
    timers.close();
    timers.set(run, 10);
    expect(vi.getTimerCount()).toBe(0);
    expect(timers.size).toBe(0);
  });

  it("run at once without a timer, but can still be cleared", async () => {
    const timers = new Timers(systemClock);
    const [kept, cleared] = [vi.fn(), vi.fn()];
    timers.set(kept, 0);
    timers.clear(timers.set(cleared, 0));
    expect(vi.getTimerCount()).toBe(0);
    await Promise.resolve();
    expect(kept).toHaveBeenCalledOnce();
    expect(cleared).not.toHaveBeenCalled();
  });
});
