import { decodeBase64, type JsonValue } from "./json.js";

export type PropertyValue = string | number | boolean;

/**
 * What kind of JMS message it was: `text` and `json` are text messages (`json` where the sender said so), `base64` is a
 * bytes message, `map` and `stream` are JMS' own, `none` has no body, `unsupported` is an object message, never read.
 */
export type BodyFormat = "text" | "json" | "base64" | "map" | "stream" | "none" | "unsupported";

/** A JMS message as the bridge delivered it. */
export class BridgeMessage {
  constructor(
    readonly body: JsonValue,
    readonly bodyFormat: BodyFormat,
    readonly properties: Readonly<Record<string, PropertyValue>>,
    /** A single-use handle, for `client.reply()`; set where the sender wants an answer. */
    readonly replyTo?: string,
    /** Its number on the user channel. */
    readonly seq?: number,
  ) {}

  get correlationId(): string | undefined {
    return this.#text("JMSCorrelationID");
  }

  get messageId(): string | undefined {
    return this.#text("JMSMessageID");
  }

  /** The topic it came from; `undefined` for what was sent to this client alone. */
  get topic(): string | undefined {
    return this.properties.type === "topicMessage" ? this.#text("topic") : undefined;
  }

  /** The topic or wildcard pattern by which this client subscribed to it. */
  get subscription(): string | undefined {
    return this.topic === undefined ? undefined : (this.#text("subscription") ?? this.topic);
  }

  /** The number of this part of an answer in several parts (1, 2, …). */
  get sequence(): number | undefined {
    const { sequence } = this.properties;
    if (sequence === undefined || sequence === "") return undefined;
    const number = Number(sequence);
    return Number.isInteger(number) ? number : undefined;
  }

  /** Whether no further part of the answer follows. An answer that has no `sequence` is whole. */
  get last(): boolean {
    const { done } = this.properties;
    if (done !== undefined) return String(done) === "true";
    return this.sequence === undefined;
  }

  /** The body of a text message. @throws TypeError if it is another kind of message. */
  text(): string {
    if (typeof this.body === "string" && this.bodyFormat !== "base64") return this.body;
    throw new TypeError(`The body is ${this.bodyFormat}, not text`);
  }

  /**
   * The body as data: a text body parsed as JSON, a map or stream as it is, no body as `null`.
   * The type is the caller's promise: nothing is checked. @throws SyntaxError if the text is not JSON.
   */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  json<T = JsonValue>(): T {
    const isText = this.bodyFormat === "text" || this.bodyFormat === "json";
    return (isText ? JSON.parse(this.text()) : this.body) as T;
  }

  /** The body of a bytes message. @throws TypeError if it is another kind of message. */
  bytes(): Uint8Array {
    if (typeof this.body === "string" && this.bodyFormat === "base64") {
      return decodeBase64(this.body);
    }
    throw new TypeError(`The body is ${this.bodyFormat}, not bytes`);
  }

  #text(name: string): string | undefined {
    const value = this.properties[name];
    return value === undefined ? undefined : String(value);
  }
}
