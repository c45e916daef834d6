import { expect, it } from "vitest";
import { Events } from "../../src/events.js";
import { quietLogger } from "../../src/logger.js";
import { HubCalls } from "../../src/shared/hub-calls.js";
import { Listeners } from "../../src/shared/listeners.js";
import type { ToHub } from "../../src/shared/wire.js";
import type { ClientEvents, Gap } from "../../src/index.js";
import { settled } from "./fake-bridge.js";

// What one tab listens to, when its hub is gone. The test is the hub, which does all that is asked.

it.each([
  ["names the topics in a gap at a hub that has not resumed the session", false, ["news"]],
  ["misses nothing at a hub that has resumed the session", true, []],
])("%s", async (_name, resumed, missed) => {
  const asked: string[] = [];
  const calls: HubCalls = new HubCalls((message: ToHub) => {
    if (message.is !== "call") return;
    asked.push(String(message.args[0]));
    queueMicrotask(() => calls.received({ is: "done", id: message.id, value: [] }));
  });
  const events = new Events<ClientEvents>(quietLogger);
  const gaps: Gap[] = [];
  events.on("gap", (gap) => gaps.push(gap));
  const listeners = new Listeners(calls, quietLogger, events);
  const listener = () => undefined;
  await listeners.subscribe(["news"], listener, {});
  await listeners.subscribe(["orders"], listener, { durable: "mine" });
  await (await listeners.subscribe(["ended"], listener, {})).unsubscribe();
  asked.length = 0;
  listeners.lost(resumed);
  listeners.again();
  await settled();
  expect(asked).toEqual(["news", "orders"]);
  expect(gaps.flatMap(({ topics }) => topics.map(({ topic }) => topic))).toEqual(missed);
  // The next hub resumes what this one has.
  listeners.lost(true);
  listeners.again();
  await settled();
  expect(gaps).toHaveLength(missed.length);
});
