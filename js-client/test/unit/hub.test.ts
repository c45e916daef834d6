import { describe, expect, it } from "vitest";
import { Backoff } from "../../src/backoff.js";
import { resolveClientOptions } from "../../src/client-options.js";
import { Hub } from "../../src/shared/hub.js";
import type { HubTab } from "../../src/shared/hub-tab.js";
import { identityOf, subjectOf } from "../../src/shared/identity.js";
import type { FromHub } from "../../src/shared/wire.js";
import { BayeuxPeer } from "../peer/bayeux-peer.js";
import { FakeBridge, settled } from "./fake-bridge.js";

// What the hub does for its tabs. The test is the bridge, and the tabs.

/** A hub of which each session has a bridge of its own. */
class FakeHub {
  readonly bridges: FakeBridge[] = [];
  readonly hub = new Hub(undefined, ({ token }, openStore) => {
    const bridge = new FakeBridge(token === undefined ? {} : { token }, openStore);
    this.bridges.push(bridge);
    return bridge.client;
  });

  tab(user: string, hasToken = false, subject?: string): FakeTab {
    return new FakeTab(this.hub, user, hasToken, subject);
  }
}

class FakeTab {
  readonly got: FromHub[] = [];
  readonly at: HubTab;
  #ids = 0;

  constructor(hub: Hub, user: string, hasToken: boolean, subject?: string) {
    this.at = hub.attach((message) => this.got.push(message));
    const options = { url: "http://bridge.test/cometd" };
    this.at.receive({ is: "open", user, options, hasToken, subject });
  }

  call(name: "connect" | "request" | "subscribe", ...args: unknown[]): number {
    const id = ++this.#ids;
    this.at.receive({ is: "call", id, name, args });
    return id;
  }

  outcome(id: number): unknown {
    const found = this.got.find((each) => "id" in each && each.id === id);
    if (found?.is === "failed") return found.error.name;
    return found?.is;
  }

  get statuses(): unknown[] {
    return this.got.flatMap((each) =>
      each.is === "event" && each.name === "status"
        ? [(each.event as { status: string }).status]
        : [],
    );
  }

  get presences(): unknown[] {
    return this.got.flatMap((each) =>
      each.is === "event" && each.name.startsWith("presence") ? [each.event] : [],
    );
  }
}

async function connected(fake: FakeHub, ...tabs: FakeTab[]): Promise<FakeBridge> {
  for (const tab of tabs) tab.call("connect");
  const [bridge] = fake.bridges;
  bridge!.openSession();
  await bridge!.answer("connect");
  return bridge!;
}

/** A token of this subject. */
const jwt = (sub: string) => `e30.${btoa(JSON.stringify({ iss: "i", sub }))}.x`;

describe("the hub", () => {
  it("has one session for all tabs of a user, and one for each user", async () => {
    const fake = new FakeHub();
    const [one, two, bob] = [fake.tab("alice"), fake.tab("alice"), fake.tab("bob")];
    await connected(fake, one, two);
    bob.call("connect");
    expect(fake.bridges).toHaveLength(2);
    expect(two.outcome(1)).toBe("done");
    expect(bob.outcome(1)).toBeUndefined();
  });

  it("ends what a tab has when it is gone, and nothing of the others", async () => {
    const fake = new FakeHub();
    const [one, two] = [fake.tab("alice"), fake.tab("alice")];
    const bridge = await connected(fake, one, two);
    const both = [one, two].map((tab) => tab.call("subscribe", ["news"], {}));
    const alone = two.call("subscribe", ["alone"], {});
    await bridge.answer("topicSubscribe");
    const asked = one.call("request", "services/a", "x", {});
    two.call("request", "services/b", "x", {});
    two.at.gone();
    await settled();
    expect(bridge.sentOf("topicUnsubscribe").map(({ topics }) => topics)).toEqual([["alone"]]);
    const cancelled = bridge.connection.sent.filter(
      ({ data }) => (data.properties as { cancel?: boolean } | undefined)?.cancel === true,
    );
    expect(cancelled.map(({ data }) => data.destination)).toEqual(["services/b"]);
    bridge.deliver({ properties: { type: "topicMessage", topic: "news" }, body: "x" });
    expect(one.got.at(-1)).toMatchObject({ is: "message", id: both[0], message: { body: "x" } });
    expect([one.outcome(asked), alone]).toEqual([undefined, 3]);
  });

  it("tells each tab that asks for it who is present, and no other one", async () => {
    const fake = new FakeHub();
    const tabs = [fake.tab("alice"), fake.tab("alice"), fake.tab("alice")] as const;
    const bridge = await connected(fake, ...tabs);
    const topics = [{ topic: "chat", clients: 2, users: ["alice", "bob"] }];
    const told = () => tabs.map((tab) => tab.presences.at(-1));
    tabs[0].call("subscribe", ["chat"], { presence: true });
    await bridge.answer("topicSubscribe");
    await bridge.answer("presence", { topics });
    expect(told()).toMatchObject([{ users: ["alice", "bob"] }, undefined, undefined]);
    tabs[1].call("subscribe", ["chat"], { presence: true });
    await settled();
    await bridge.answer("presence", { topics });
    expect(told()).toMatchObject([{ joined: [] }, { users: ["alice", "bob"] }, undefined]);
    bridge.deliver({ type: "presenceEnded", topics: ["chat"], reason: "accessRevoked" });
    expect(told()).toMatchObject([{ topics: ["chat"] }, { topics: ["chat"] }, undefined]);
  });

  it("disconnects with its last tab", async () => {
    const fake = new FakeHub();
    const [one, two] = [fake.tab("alice"), fake.tab("alice")];
    const bridge = await connected(fake, one, two);
    one.at.gone();
    expect(bridge.client.status).toBe("connected");
    two.at.gone();
    expect(bridge.client.status).toBe("disconnected");
    fake.tab("alice");
    expect(fake.bridges).toHaveLength(2);
  });

  it("ends the session if its user is not the one of the tabs", async () => {
    const fake = new FakeHub();
    const tab = fake.tab("alice");
    tab.call("connect");
    fake.bridges[0]!.openSession("bob");
    await fake.bridges[0]!.answer("connect");
    expect(tab.statuses.at(-1)).toBe("disconnected");
    expect(fake.bridges[0]!.client.status).toBe("disconnected");
  });

  it("ends the session if the bridge knows another user by the token", async () => {
    const fake = new FakeHub();
    const tab = fake.tab("alice", true, subjectOf(jwt("a")));
    tab.call("connect");
    fake.bridges[0]!.openSession("bob");
    await fake.bridges[0]!.answer("connect");
    expect(tab.statuses.at(-1)).toBe("disconnected");
    expect(fake.bridges[0]!.client.status).toBe("disconnected");
  });

  it("has one session for each user whom the bridge knows by tokens of one subject", () => {
    const fake = new FakeHub();
    const subject = subjectOf(jwt("a"))!;
    for (const user of ["alice", "bob"]) fake.tab(user, true, subject).call("connect");
    expect(fake.bridges).toHaveLength(2);
  });

  it("takes no token of another subject, and ends for the tab that gave it", async () => {
    const fake = new FakeHub();
    const subject = subjectOf(jwt("a"))!;
    const [one, two] = [fake.tab("alice", true, subject), fake.tab("alice", true, subject)];
    const { token } = fake.bridges[0]!.options;
    const given = (token as () => Promise<string>)();
    const asked = (tab: FakeTab) => tab.got.find((each) => each.is === "token")!.task;
    one.at.receive({ is: "done", id: asked(one), value: jwt("b") });
    await settled();
    two.at.receive({ is: "done", id: asked(two), value: jwt("a") });
    expect(await given).toBe(jwt("a"));
    expect([one.statuses, two.statuses]).toEqual([["disconnected"], []]);
  });

  it("asks another tab for a token where one cannot give it", async () => {
    const fake = new FakeHub();
    const [one, two] = [fake.tab("alice", true), fake.tab("alice", true)];
    const { token } = fake.bridges[0]!.options;
    const given = (token as () => Promise<string>)();
    const asked = (tab: FakeTab) => tab.got.find((each) => each.is === "token")!.task;
    const error = { name: "Error", message: "no", temporary: false, failed: [] };
    one.at.receive({
      is: "failed",
      id: asked(one),
      error: { ...error, code: undefined, bridgeCode: undefined },
    });
    await settled();
    two.at.receive({ is: "done", id: asked(two), value: "secret" });
    expect(await given).toBe("secret");
  });
});

it("asks the bridge who the user of a token is", async () => {
  const peer = await BayeuxPeer.start();
  const [alices, bobs] = [`${jwt("a")}1`, `${jwt("a")}2`];
  peer.tokens.set(alices, "alice").set(bobs, "bob");
  const ask = (token: string) =>
    identityOf(
      resolveClientOptions({ url: peer.url, token }),
      new Backoff(1, 1, Math.random),
      new AbortController().signal,
    );
  const subject = JSON.stringify(["i", "a"]);
  expect(await ask(alices)).toEqual({ user: "alice", subject });
  expect(await ask(bobs)).toEqual({ user: "bob", subject });
  await expect(ask("unknown")).rejects.toThrow("401");
  await peer.stop();
});
