import { decodeBase64, type JsonValue } from "./json.js";

export type PropertyValue = string | number | boolean;

/**
 * Kind of the JMS message. `text` and `json` are text messages (`json` if the sender says so),
 * `base64` is a bytes message. `map` and `stream` are JMS maps and streams; `none` has no body.
 * `unsupported` is an object message, which is never deserialised, or an unreadable message.
 */
export type BodyFormat = "text" | "json" | "base64" | "map" | "stream" | "none" | "unsupported";

/**
 * A JMS message as the bridge delivered it (protocol section 4).
 *
 * @typeParam B what `json()` returns
 */
export class BridgeMessage<B = JsonValue> {
  constructor(
    readonly body: JsonValue,
    readonly bodyFormat: BodyFormat,
    readonly properties: Readonly<Record<string, PropertyValue>>,
    /** Single-use handle for `client.reply()`; set if the sender expects an answer. */
    readonly replyTo?: string,
    /** The `seq` of the message on the user channel. */
    readonly seq?: number,
    /** Handle by which the message is acknowledged; of a queue or a durable subscription. */
    readonly delivery?: string,
  ) {}

  /** The header `JMSCorrelationID`. */
  get correlationId(): string | undefined {
    return this.#text("JMSCorrelationID");
  }

  /** The header `JMSMessageID`. */
  get messageId(): string | undefined {
    return this.#text("JMSMessageID");
  }

  /** The topic of the message; `undefined` if it was sent to this client alone. */
  get topic(): string | undefined {
    const isTopics = this.snapshot || this.properties.type === "topicMessage";
    return isTopics ? this.#text("topic") : undefined;
  }

  /** Whether this is a part of the state of a topic, from before its messages (section 17). */
  get snapshot(): boolean {
    return this.properties.type === "snapshot";
  }

  /** The queue of the message, if this client consumes it. */
  get queue(): string | undefined {
    return this.properties.type === "queueMessage" ? this.#text("queue") : undefined;
  }

  /** The topic or wildcard pattern that this client has subscribed to. */
  get subscription(): string | undefined {
    return this.topic === undefined ? undefined : (this.#text("subscription") ?? this.topic);
  }

  /** The number of this part (1, 2, …) if the answer has several. */
  get sequence(): number | undefined {
    const { sequence } = this.properties;
    if (sequence === undefined || sequence === "") return undefined;
    const number = Number(sequence);
    return Number.isInteger(number) ? number : undefined;
  }

  /** Whether this is the last part. An answer without `sequence` is complete. */
  get last(): boolean {
    const { done } = this.properties;
    if (done !== undefined) return String(done) === "true";
    return this.sequence === undefined;
  }

  /**
   * Returns the body of a text message.
   *
   * @throws TypeError for other kinds of messages
   */
  text(): string {
    if (typeof this.body === "string" && this.bodyFormat !== "base64") return this.body;
    throw new TypeError(`The body is ${this.bodyFormat}, not text`);
  }

  /**
   * Returns the body as data: a text body parsed as JSON, a map or stream unchanged, no body as
   * `null`. The type `T` is not checked.
   *
   * @throws SyntaxError if the text is not JSON
   */
  json(): B;
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  json<T>(): T;
  json(): unknown {
    const isText = this.bodyFormat === "text" || this.bodyFormat === "json";
    return isText ? (JSON.parse(this.text()) as unknown) : this.body;
  }

  /**
   * Returns the body of a bytes message.
   *
   * @throws TypeError for other kinds of messages
   */
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
