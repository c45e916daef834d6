import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { resolveOptions } from "../../src/options.js";
import { Scout, type Look } from "../../src/scout.js";
import { systemClock, Timers } from "../../src/timers.js";

let timers: Timers;
let scout: Scout;
let looks: number;
let aborted: number;
let found: number;
/** What the network does to a look. */
let network: "answers" | "refuses" | "swallows";

beforeEach(() => {
  vi.useFakeTimers();
  timers = new Timers(systemClock);
  looks = aborted = found = 0;
  network = "refuses";
  const settings = resolveOptions({ url: "http://bridge/cometd", random: () => 1 });
  scout = new Scout(settings, timers, look, () => found++);
});

afterEach(() => {
  scout.end();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function look(): Look {
  looks++;
  let abort = (): void => undefined;
  const answered =
    network === "swallows"
      ? new Promise<boolean>((done) => (abort = () => done(false)))
      : Promise.resolve(network === "answers");
  return {
    answered,
    abort: () => {
      aborted++;
      abort();
    },
  };
}

const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

it("says within a second that the bridge can be reached again, once", async () => {
  scout.begin();
  scout.begin();
  await after(900);
  // Most interruptions are over by then.
  expect(looks).toBe(0);
  await after(3_600);
  expect([looks, scout.sees, found]).toEqual([4, false, 0]);
  network = "answers";
  await after(1_000);
  expect([scout.sees, found]).toEqual([true, 1]);
  await after(10_000);
  expect(found).toBe(1);
});

it("reports a first answer too if the network may have just come back", async () => {
  network = "answers";
  scout.begin();
  scout.sees = false;
  await after(1_000);
  expect([looks, found]).toEqual([1, 1]);
  await after(10_000);
  expect(found).toBe(1);
});

it("gives up what is swallowed, and looks again at once", async () => {
  network = "swallows";
  scout.begin();
  await after(6_000);
  expect([looks, aborted, scout.sees]).toEqual([5, 4, false]);
  network = "answers";
  await after(1_300);
  expect(found).toBe(1);
});

it("looks less often the longer it takes", async () => {
  scout.begin();
  await after(60_000);
  expect(looks).toBeGreaterThan(55);
  looks = 0;
  await after(3_540_000);
  expect(looks).toBeLessThan(400);
  looks = 0;
  await after(60_000);
  expect(looks).toBe(2);
});

it("reports a network that flickers a few times only, in one outage", async () => {
  scout.begin();
  for (let i = 0; i < 20; i++) {
    network = i % 2 === 0 ? "answers" : "refuses";
    await after(1_000);
  }
  expect(found).toBe(5);
  scout.end();
  network = "refuses";
  scout.begin();
  await after(1_000);
  network = "answers";
  await after(1_000);
  expect(found).toBe(6);
});

it("says nothing once it has ended", async () => {
  network = "swallows";
  scout.begin();
  await after(1_000);
  scout.end();
  await after(10_000);
  expect([looks, found, scout.sees]).toEqual([1, 0, undefined]);
});
