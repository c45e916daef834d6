import { RefusedError } from "./errors.js";
import type { Limits } from "./codec.js";
import { encodeBase64, utf8Length } from "./json.js";
import type { PropertyValue } from "./message.js";

/** A body to send: text as it is, bytes as a bytes message, anything else as its JSON text. */
export type SendBody = string | number | boolean | object | Uint8Array | ArrayBuffer;

/** Headers and properties of a message to send. */
export interface SendOptions {
  /** JMS properties. Names are Java identifiers; what only the bridge may set is removed there. */
  properties?: Readonly<Record<string, PropertyValue>>;
  correlationId?: string;
  /** JMSPriority, 0 to 9. */
  priority?: number;
  /** JMSType. */
  type?: string;
  /** Whether the broker keeps it over a restart. Default: false. */
  persistent?: boolean;
  /** Milliseconds after which no receiver gets it any more. */
  timeToLive?: number;
}

/** `data` of a message to `/anzo/bridge`. */
export interface SendData {
  readonly destination?: string;
  readonly replyTo?: string;
  readonly properties: Readonly<Record<string, PropertyValue>>;
  readonly body: unknown;
  readonly bodyFormat?: "base64";
}

export type Target = { readonly destination: string } | { readonly replyTo: string };

export function encodeSend(target: Target, body: SendBody, options: SendOptions): SendData {
  const properties: Record<string, PropertyValue> = { ...options.properties };
  if (options.correlationId !== undefined) properties.JMSCorrelationID = options.correlationId;
  if (options.priority !== undefined) properties.JMSPriority = options.priority;
  if (options.type !== undefined) properties.JMSType = options.type;
  if (options.persistent === true) properties.JMSDeliveryMode = "PERSISTENT";
  if (options.timeToLive !== undefined) properties.timeToLive = options.timeToLive;
  const bytes = body instanceof ArrayBuffer ? new Uint8Array(body) : body;
  return bytes instanceof Uint8Array
    ? { ...target, properties, body: encodeBase64(bytes), bodyFormat: "base64" }
    : { ...target, properties, body: bytes };
}

const HEADER = /^(JMSCorrelationID|JMSType|JMSPriority|JMSDeliveryMode|timeToLive)$/;

/** As the bridge counts: the body as it goes into JMS, and the properties. */
function sizeOf({ body, bodyFormat, properties }: SendData): number {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  let bytes = bodyFormat === "base64" ? atob(text).length : utf8Length(text);
  for (const [name, value] of Object.entries(properties)) {
    if (!HEADER.test(name)) bytes += name.length + String(value).length;
  }
  return bytes;
}

/**
 * Too large a message would cost the whole connection (a WebSocket that gets it closes), so it is refused here. As it
 * travels, in JSON and base64, it may be twice as large.
 * @throws RefusedError
 */
export function checkSize(data: SendData, { messageBytes }: Limits): void {
  if (messageBytes === undefined) return;
  const json = JSON.stringify(data);
  // At most three bytes of UTF-8 for each char: most messages need no counting.
  if (json.length * 3 <= messageBytes) return;
  const bytes = Math.max(sizeOf(data), utf8Length(json) - messageBytes);
  if (bytes > messageBytes) {
    throw new RefusedError(
      "limitExceeded",
      `The message has ${bytes} bytes, the bridge takes ${messageBytes}`,
    );
  }
}
