import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LongspanClient, type TransportName } from "../../src/index.js";
import { eventually } from "../eventually.js";
import { BayeuxPeer } from "../peer/bayeux-peer.js";
import { CometDClient } from "../peer/cometd-client.js";
import { Recorder } from "../peer/recorder.js";

// The same conversation by CometD's client and by this one.

const Authorization = `Basic ${btoa("alice:alice")}`;

let peer: BayeuxPeer;

beforeEach(async () => {
  peer = await BayeuxPeer.start();
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await peer.stop();
});

describe.each<TransportName>(["websocket", "long-polling"])("over %s", (transport) => {
  it("says what CometD says, also after a cut and in a new session", async () => {
    const theirs = new Recorder({ Authorization });
    const cometd = new CometDClient(peer.url, transport, theirs.options);
    await cometd.connect();
    await cometd.request("services/echo", "a", "1");
    await eventually(() => expect(peer.listening).toBe(true));
    theirs.cut();
    await eventually(() => expect(probes()).toBeGreaterThan(1));
    await cometd.request("services/echo", "b", "2");
    peer.forget();
    await eventually(() => expect(cometd.sessions).toBe(2));
    await cometd.request("services/echo", "c", "3");
    await cometd.disconnect();

    peer.requests.length = 0;
    const ours = new Recorder();
    const client = new LongspanClient({
      ...{ url: peer.url, user: "alice", password: "alice", transports: [transport] },
      ...{ reconnect: { initial: 50, max: 50 }, ...ours.options },
    });
    await client.connect();
    await client.request("services/echo", "a");
    await eventually(() => expect(peer.listening).toBe(true));
    ours.cut();
    await eventually(() => expect(probes()).toBeGreaterThan(1));
    await eventually(() => expect(client.status).toBe("connected"));
    await client.request("services/echo", "b");
    peer.forget();
    await eventually(() => expect(peer.sessions.size).toBe(1));
    await eventually(() => expect(client.status).toBe("connected"));
    await client.request("services/echo", "c");
    await client.disconnect();

    const resuming = (form: string) => !/"resumed?"/.test(form);
    expect([...ours.forms].filter(resuming).sort()).toEqual([...theirs.forms].sort());
  });

  /** Connects that ask for an immediate answer. */
  const probes = () =>
    peer.requests.filter(({ messages }) => messages[0]?.advice?.timeout === 0).length;
});
