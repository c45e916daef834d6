import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decode, decodeBayeuxError } from "../../src/codec.js";
import { fullCodec } from "../../src/full-codec.js";
import type { BridgeMessage } from "../../src/message.js";
import { QueueMessage } from "../../src/queue-message.js";
import { checkSize, encodeSend } from "../../src/sends.js";

interface Golden {
  readonly name: string;
  readonly data: Record<string, unknown>;
  readonly expect: Record<string, unknown>;
}

const golden = (file: string): Golden[] =>
  JSON.parse(
    readFileSync(
      new URL(`../../../src/test/resources/protocol/${file}.json`, import.meta.url),
      "utf8",
    ),
  ) as Golden[];

/** A message of a queue has further values. */
const withFate = (message: BridgeMessage) =>
  message.queue === undefined
    ? message
    : Object.assign(new QueueMessage(message, { settle: () => Promise.resolve(true) }), {
        delivery: message.delivery,
      });

describe.each(["control-answers", "notices", "deliveries", "queues", "durable"])(
  "golden messages: %s",
  (file) => {
    const toClients = golden(file).filter(({ data }) => "seq" in data);
    it.each(toClients.map((each) => [each.name, each] as const))(
      "%s",
      (_name, { data, expect: expected }) => {
        const incoming = decode(data, fullCodec);
        expect(incoming.kind).toBe(expected.kind);
        // A message's derived values are getters: they are read one by one.
        const source = incoming.kind === "message" ? withFate(incoming.message) : incoming;
        if (incoming.kind === "notice") {
          expect({ kind: "notice", type: data.type, ...incoming.event }).toEqual(expected);
          return;
        }
        const got = Object.fromEntries(
          Object.keys(expected).map((key) => [
            key,
            (source as unknown as Record<string, unknown>)[key],
          ]),
        );
        expect({ ...got, kind: incoming.kind }).toEqual(expected);
      },
    );
  },
);

describe("golden messages: sends", () => {
  const accepted = golden("sends").filter(({ expect: { errorCode } }) => errorCode === undefined);

  it.each(
    accepted
      .filter(({ data }) => data.bodyFormat !== "text" && data.bodyFormat !== "json")
      .map((each) => [each.name, each] as const),
  )("can be made by this client: %s", (_name, { data }) => {
    const { destination, replyTo, properties = {}, body, bodyFormat } = data;
    const target =
      typeof replyTo === "string" ? { replyTo } : { destination: destination as string };
    const bytes = bodyFormat === "base64" ? Buffer.from(body as string, "base64") : undefined;
    const sent = encodeSend(target, bytes ?? (body as string), {
      properties: properties as Record<string, string>,
    });
    expect(sent).toEqual({ properties: {}, ...data });
  });
});

describe("what can't be read", () => {
  it.each([undefined, null, 1, "text", [], {}, { type: "new" }, { status: 1 }])(
    "is unknown: %j",
    (data) => {
      expect(decode(data, fullCodec)).toEqual({ kind: "unknown", data });
    },
  );
});

describe("sending", () => {
  it("turns the options into JMS headers", () => {
    const sent = encodeSend({ destination: "d" }, "b", {
      properties: { own: 1 },
      correlationId: "c",
      priority: 9,
      type: "t",
      persistent: true,
      timeToLive: 5,
    });
    expect(sent.properties).toEqual({
      own: 1,
      JMSCorrelationID: "c",
      JMSPriority: 9,
      JMSType: "t",
      JMSDeliveryMode: "PERSISTENT",
      timeToLive: 5,
    });
  });

  it("encodes large bytes", () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 256);
    const sent = encodeSend({ destination: "d" }, bytes.buffer, {});
    expect(sent.bodyFormat).toBe("base64");
    expect(Buffer.from(sent.body as string, "base64").equals(bytes)).toBe(true);
  });

  it("counts bytes, not characters", () => {
    const euros = encodeSend({ destination: "d" }, "€".repeat(100), {});
    expect(() => checkSize(euros, { messageBytes: 299 })).toThrow(/300 bytes/);
    expect(() => checkSize(euros, { messageBytes: 300 })).not.toThrow();
    expect(() => checkSize(euros, {})).not.toThrow();
  });

  it("counts what the bridge counts: bytes as they are, and properties, but no headers", () => {
    const bytes = encodeSend({ destination: "d" }, new Uint8Array(200 << 10), {
      correlationId: "x",
    });
    expect(() => checkSize(bytes, { messageBytes: 200 << 10 })).not.toThrow();
    expect(() => checkSize(bytes, { messageBytes: (200 << 10) - 1 })).toThrow(/204800 bytes/);
    const json = encodeSend(
      { destination: "d" },
      { a: "x".repeat(1_000) },
      { properties: { b: 12 } },
    );
    expect(() => checkSize(json, { messageBytes: 1_011 })).not.toThrow();
    expect(() => checkSize(json, { messageBytes: 1_010 })).toThrow(/1011 bytes/);
  });

  it("refuses what is too large only as it travels, which would cost the connection", () => {
    const escaped = encodeSend({ destination: "d" }, "\u0001".repeat(1_000), {});
    expect(() => checkSize(escaped, { messageBytes: 2_000 })).toThrow(/bytes/);
    expect(() => checkSize(escaped, { messageBytes: 4_000 })).not.toThrow();
  });
});

describe("a message", () => {
  const message = (data: object) => {
    const incoming = decode({ properties: {}, ...data }, fullCodec);
    if (incoming.kind !== "message") throw new Error(incoming.kind);
    return incoming.message;
  };

  it("gives its body in the form that was sent", () => {
    expect(message({ body: "x" }).text()).toBe("x");
    expect(message({ body: '{"a":1}' }).json()).toEqual({ a: 1 });
    expect(message({ body: { a: 1 }, bodyFormat: "map" }).json()).toEqual({ a: 1 });
    expect(message({ body: null }).json()).toBeNull();
    expect([...message({ body: "AAH/", bodyFormat: "base64" }).bytes()]).toEqual([0, 1, 255]);
  });

  it("refuses a form that it has not", () => {
    expect(() => message({ body: null }).text()).toThrow(TypeError);
    expect(() => message({ body: "x" }).bytes()).toThrow(TypeError);
    expect(() => message({ body: "AAH/", bodyFormat: "base64" }).text()).toThrow(TypeError);
    expect(() => message({ body: "x" }).json()).toThrow(SyntaxError);
  });
});

it("takes a Bayeux error apart", () => {
  expect(decodeBayeuxError("notAuthorized:a: b")).toEqual({
    code: "notAuthorized",
    message: "a: b",
  });
  expect(decodeBayeuxError("402::Unknown client")).toEqual({
    code: "402",
    message: "Unknown client",
  });
  expect(decodeBayeuxError(undefined)).toEqual({ code: "", message: "no reason given" });
});
