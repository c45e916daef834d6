// @vitest-environment jsdom
import { act, createElement, StrictMode, Suspense, useState, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  LongspanProvider,
  useAnswer,
  usePresence,
  useRequest,
  useStatus,
  useTopic,
} from "../../src/react.js";
import type { BridgeMessage } from "../../src/index.js";
import { FakeBridge, settled } from "./fake-bridge.js";

// The hooks in React's strict mode, which mounts everything twice. The test is the bridge.

describe("in React", () => {
  let bridge: FakeBridge;
  let root: Root;
  const box = document.createElement("div");

  beforeEach(() => {
    (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
    bridge = new FakeBridge();
    root = createRoot(box);
  });

  afterEach(() => act(() => root.unmount()));

  const show = (child: () => ReactNode) =>
    act(async () => {
      const provider = createElement(LongspanProvider, {
        client: bridge.client,
        children: createElement(child),
      });
      root.render(createElement(StrictMode, undefined, provider));
      await settled();
    });

  const open = () =>
    act(async () => {
      bridge.openSession();
      await bridge.answer("connect");
    });

  const news = (body: string): void =>
    act(() => bridge.deliver({ properties: { type: "topicMessage", topic: "news" }, body }));

  const Hidden = () => "nothing";

  it("connects once, shows the status, and disconnects when it is unmounted", async () => {
    await show(() => useStatus());
    expect(box.textContent).toBe("connecting");
    await open();
    expect(box.textContent).toBe("connected");
    expect(bridge.connections).toHaveLength(1);
    act(() => root.unmount());
    root = createRoot(box);
    await vi.waitFor(() => expect(bridge.connection.closed).toBe(true));
  });

  it("shows the last message of a topic, and unsubscribes", async () => {
    const seen: unknown[] = [];
    await show(() => {
      const { message, active } = useTopic("news", {
        onMessage: ({ body }: BridgeMessage) => seen.push(body),
      });
      return `${active} ${message?.text()}`;
    });
    await open();
    expect(box.textContent).toBe("false undefined");
    await act(() => bridge.answer("topicSubscribe"));
    news("a");
    news("b");
    expect(box.textContent).toBe("true b");
    expect(seen).toEqual(["a", "b"]);
    await show(Hidden);
    expect(bridge.sentOf("topicUnsubscribe").map(({ topics }) => topics)).toEqual([["news"]]);
  });

  it("subscribes once in strict mode when it is already connected", async () => {
    await show(Hidden);
    await open();
    await show(() => String(useTopic("news").active));
    await act(() => bridge.answer("topicSubscribe"));
    expect(bridge.sentOf("topicSubscribe")).toHaveLength(1);
    expect(box.textContent).toBe("true");
    news("a");
  });

  it("shows why a topic is refused", async () => {
    await show(() => String(useTopic("news").error?.message));
    await open();
    await act(() =>
      bridge.answer("topicSubscribe", { failedTopics: ["news"], topicErrors: ["not yours"] }),
    );
    expect(box.textContent).toBe("news: not yours");
  });

  it("sends a request again when its body changes, and cancels the one before", async () => {
    let setBody!: (body: string) => void;
    const Echo = () => {
      const [body, set] = useState("a");
      setBody = set;
      const { answer, pending } = useRequest("services/echo", body);
      return `${pending} ${answer?.text()}`;
    };
    await show(() => createElement(Echo));
    await open();
    await act(async () => {
      bridge.reply(bridge.take(), "A");
      await settled();
    });
    expect(box.textContent).toBe("false A");
    for (const body of ["b", "c"]) {
      await act(async () => {
        setBody(body);
        await settled();
      });
    }
    expect(box.textContent).toBe("true A");
    const sent = bridge.connection.sent.filter(({ channel }) => channel === "/anzo/bridge");
    const bodies = sent.map(({ data }) => [
      data.body,
      (data.properties as object & { cancel?: true }).cancel,
    ]);
    expect(bodies).toEqual([
      ["a", undefined],
      ["b", undefined],
      ["", true],
      ["c", undefined],
    ]);
    await act(async () => {
      bridge.reply(bridge.take(), "C");
      await settled();
    });
    expect(box.textContent).toBe("false C");
  });

  it("suspends until an answer is there, with one request for all components", async () => {
    const Answer = () => useAnswer("services/echo", "a").text();
    await show(Hidden);
    await open();
    await show(() =>
      createElement(
        Suspense,
        { fallback: "waiting" },
        createElement(Answer),
        createElement(Answer),
      ),
    );
    expect(box.textContent).toBe("waiting");
    expect(bridge.connection.sent.filter(({ channel }) => channel === "/anzo/bridge")).toHaveLength(
      1,
    );
    await act(async () => {
      bridge.reply(bridge.take(), "A");
      await settled();
    });
    expect(box.textContent).toBe("AA");
  });

  it("follows who is present", async () => {
    await show(() => usePresence("chat").users.join());
    await open();
    await act(() => bridge.answer("topicSubscribe"));
    expect(bridge.sentOf("topicSubscribe")[0]).toMatchObject({ presence: true });
    act(() => bridge.deliver({ type: "presence", topic: "chat", joined: ["zoë"], left: [] }));
    await act(() =>
      bridge.answer("presence", {
        topics: [{ topic: "chat", clients: 2, users: ["alice", "bob"] }],
      }),
    );
    expect(box.textContent).toBe("alice,bob,zoë");
    act(() => bridge.deliver({ type: "presence", topic: "chat", joined: [], left: ["bob"] }));
    expect(box.textContent).toBe("alice,zoë");
  });
});
