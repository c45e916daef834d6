import { beforeEach, expect, it } from "vitest";
import { Sequence } from "../../src/sequence.js";

let given: string[];
let sequence: Sequence<string>;

beforeEach(() => {
  given = [];
  sequence = new Sequence((message) => given.push(message));
});

it("gives each message once, in order", () => {
  expect(sequence.take(1, "a")).toBe("inOrder");
  expect(sequence.take(1, "again")).toBe("inOrder");
  expect(sequence.take(3, "c")).toBe("hole");
  expect(sequence.take(3, "c")).toBe("hole");
  expect(given).toEqual(["a"]);
  expect(sequence.last).toBe(1);
  expect(sequence.take(2, "b")).toBe("inOrder");
  expect(given).toEqual(["a", "b", "c"]);
  expect(sequence.last).toBe(3);
});

it("gives what waits behind holes, once they are known to stay", () => {
  sequence.take(4, "d");
  sequence.take(2, "b");
  sequence.take(8, "h");
  sequence.settle(6);
  expect(given).toEqual(["b", "d"]);
  expect(sequence.take(5, "late")).toBe("hole");
  sequence.take(7, "g");
  expect(given).toEqual(["b", "d", "g", "h"]);
});

it("drops what waits when it begins anew", () => {
  sequence.take(5, "old");
  sequence.restart(1);
  expect(sequence.take(2, "new")).toBe("inOrder");
  expect(sequence.take(4, "newer")).toBe("hole");
  sequence.take(3, "between");
  expect(given).toEqual(["new", "between", "newer"]);
});

it("holds no more than a bound, and gives it in order then", () => {
  let overrun = 0;
  for (let seq = 2; seq <= 20_000; seq++) {
    if (sequence.take(seq, String(seq)) === "overrun") overrun++;
  }
  expect(overrun).toBe(1);
  expect(given).toEqual(Array.from({ length: 19_999 }, (_, i) => String(i + 2)));
});

it("may be begun anew by the one who is given a message", () => {
  sequence = new Sequence((message) => {
    given.push(message);
    sequence.restart(0);
  });
  sequence.take(3, "c");
  sequence.take(2, "b");
  sequence.settle(5);
  expect(given).toEqual(["b"]);
});
