import { describe, expect, it } from "vitest";
import { AuthenticationError, ConnectionLostError, RefusedError } from "../../src/index.js";
import { resolveOptions } from "../../src/options.js";
import { Recovery, type Failure } from "../../src/recovery.js";

const BOTH = ["websocket", "long-polling"];

let now = 0;
const settings = resolveOptions({
  url: "http://bridge/cometd",
  reconnect: { initial: 100, max: 1000 },
  random: () => 1,
  clock: { setTimeout: () => 0, clearTimeout: () => undefined, now: () => now },
});

const recovery = (transports = BOTH) => new Recovery(settings, transports);

const failed = (changes: Partial<Failure>): Failure => ({
  isHandshake: false,
  transport: "websocket",
  answered: false,
  abandoned: false,
  unreachable: false,
  status: 0,
  code: "",
  text: "",
  advice: "retry",
  sessionTime: 60_000,
  ...changes,
});

const shaking = (changes: Partial<Failure>) =>
  failed({ isHandshake: true, advice: "handshake", ...changes });

describe("a handshake that failed", () => {
  it("is tried over the next transport at once", () => {
    const subject = recovery();
    expect(subject.after(shaking({}))).toEqual({
      kind: "handshake",
      transport: "long-polling",
      delay: 0,
    });
    expect(subject.isBlocked("websocket")).toBe(true);
  });

  it("begins a new round with the first transport, later and later", () => {
    const subject = recovery();
    for (const delay of [100, 200, 400, 800, 1000, 1000]) {
      subject.after(shaking({}));
      const again = subject.after(shaking({ transport: "long-polling" }));
      expect(again).toEqual({ kind: "handshake", transport: "websocket", delay });
      expect(subject.isBlocked("websocket")).toBe(false);
    }
  });

  it("stays with the transport if the server has answered", () => {
    const answer = shaking({ answered: true, code: "503", text: "draining" });
    expect(recovery().after(answer)).toMatchObject({ transport: "websocket", delay: 100 });
  });

  it.each([401, 403])("is the end where the user is refused (%s)", (status) => {
    const decision = recovery().after(shaking({ status }));
    expect(decision).toEqual({ kind: "stop", error: expect.any(AuthenticationError) as unknown });
  });

  it("tells too many sessions from a refused user", () => {
    const text = "limitExceeded: too many sessions of this user";
    expect(recovery().after(shaking({ answered: true, status: 403, text }))).toEqual({
      kind: "stop",
      error: new RefusedError("limitExceeded", "too many sessions of this user", true),
    });
  });
});

describe("a connect that failed", () => {
  it("is tried again in the same session, and after four times over the other transport", () => {
    const subject = recovery();
    const transports = [1, 2, 3, 4].map(() => subject.after(failed({})));
    expect(transports.map((decision) => "transport" in decision && decision.transport)).toEqual([
      undefined,
      undefined,
      undefined,
      "long-polling",
    ]);
  });

  it("begins its count and its back-off anew once one has succeeded", () => {
    const subject = recovery();
    for (let i = 0; i < 3; i++) subject.after(failed({}));
    subject.works();
    expect(subject.after(failed({}))).toEqual({ kind: "retry", transport: undefined, delay: 100 });
  });

  it("makes a new session once the bridge must have dropped the old one", () => {
    const subject = recovery();
    now = 1000;
    expect(subject.after(failed({})).kind).toBe("retry");
    now = 61_000;
    expect(subject.after(failed({})).kind).toBe("handshake");
  });

  it("makes a new session at once where the bridge answers that it must, but once only", () => {
    const subject = recovery();
    for (let i = 0; i < 3; i++) subject.after(failed({}));
    const gone = failed({ answered: true, status: 402, code: "402", advice: "handshake" });
    const delays = [1, 2, 3].map(() => {
      const decision = subject.after(gone);
      return decision.kind === "handshake" && decision.delay;
    });
    expect(delays).toEqual([0, 100, 200]);
    subject.works();
    expect(subject.after(gone)).toMatchObject({ kind: "handshake", delay: 0 });
  });

  it("says nothing of the transport where this client gave the attempt up", () => {
    const subject = recovery();
    const abandoned = { abandoned: true };
    for (let i = 0; i < 9; i++) subject.after(failed(abandoned));
    expect(subject.after(failed({}))).toMatchObject({ kind: "retry", transport: undefined });
    expect(subject.after(failed(abandoned))).toMatchObject({ kind: "retry", delay: 0 });
    expect(subject.after(shaking(abandoned))).toEqual({
      kind: "handshake",
      transport: "websocket",
      delay: 0,
    });
  });

  it("keeps to the transport until it is known that the bridge can be reached", () => {
    const subject = recovery();
    const transports = [true, true, true, true, true, false].map((unreachable) => {
      const decision = subject.after(failed({ unreachable }));
      return decision.kind === "retry" && decision.transport;
    });
    expect(transports.slice(0, 5).every((each) => each === undefined)).toBe(true);
    expect(transports[5]).toBe("long-polling");
  });

  it("begins with short waits again where the network may be back", () => {
    const subject = recovery();
    for (let i = 0; i < 5; i++) subject.after(failed({}));
    subject.hurry();
    expect(subject.after(failed({}))).toMatchObject({ delay: 100 });
  });

  it("makes a new session where the bridge says so, whatever the status", () => {
    const lost = failed({ answered: true, status: 402, advice: "handshake" });
    expect(recovery().after(lost).kind).toBe("handshake");
  });

  it("is the end where the sign-in has expired", () => {
    const decision = recovery().after(failed({ status: 401, transport: "long-polling" }));
    expect(decision).toEqual({ kind: "stop", error: expect.any(AuthenticationError) as unknown });
  });

  it("is the end where the bridge wants no more", () => {
    const decision = recovery().after(failed({ answered: true, advice: "none" }));
    expect(decision).toEqual({ kind: "stop", error: expect.any(ConnectionLostError) as unknown });
  });
});
