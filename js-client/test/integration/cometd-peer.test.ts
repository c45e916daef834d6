import { afterEach, describe, expect, it, vi } from "vitest";
import { LongspanClient, type TransportName } from "../../src/index.js";
import { CometDClient } from "../peer/cometd-client.js";
import { Recorder } from "../peer/recorder.js";

// CometD's client and this one say the same to a bridge, and hear the same.

const { LONGSPAN_URL = "", LONGSPAN_ALICE = "alice:alice" } = process.env;
const url = new URL("cometd", LONGSPAN_URL).href;
const [user, password = ""] = LONGSPAN_ALICE.split(":");

afterEach(() => void vi.unstubAllGlobals());

describe.each<TransportName>(["websocket", "long-polling"])("over %s", (transport) => {
  it("talks to the bridge as CometD does", async () => {
    const theirs = new Recorder({ Authorization: `Basic ${btoa(LONGSPAN_ALICE)}` });
    const cometd = new CometDClient(url, transport, theirs.options);
    await cometd.connect();
    expect(await cometd.request("services/echo", "hello", "1")).toMatchObject({ body: "hello" });
    await cometd.disconnect();
    const ours = new Recorder();
    const client = new LongspanClient({
      ...{ url, user, password, transports: [transport] },
      ...ours.options,
    });
    await client.connect();
    expect((await client.request("services/echo", "hello")).text()).toBe("hello");
    await client.disconnect();
    expect([...ours.forms].sort()).toEqual([...theirs.forms].sort());
  });
});
