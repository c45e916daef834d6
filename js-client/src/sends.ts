import { RefusedError } from "./errors.js";
import type { Limits } from "./codec.js";
import { encodeBase64, utf8Length } from "./json.js";
import type { PropertyValue } from "./message.js";

/** A body to send: a string as text, bytes as a bytes message, everything else as JSON text. */
export type SendBody = string | number | boolean | object | Uint8Array | ArrayBuffer;

/** Headers and properties of a message to send (protocol section 3). */
export interface SendOptions {
  /**
   * JMS properties. Names must be Java identifiers. The bridge removes properties that only it may
   * set.
   */
  properties?: Readonly<Record<string, PropertyValue>>;
  correlationId?: string;
  /** JMSPriority, 0 to 9. */
  priority?: number;
  /** JMSType. */
  type?: string;
  /** Whether the message survives a restart of the broker. Default: false. */
  persistent?: boolean;
  /** Milliseconds after which the message expires. */
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
  const headers = {
    JMSCorrelationID: options.correlationId,
    JMSPriority: options.priority,
    JMSType: options.type,
    JMSDeliveryMode: options.persistent === true ? "PERSISTENT" : undefined,
    timeToLive: options.timeToLive,
  };
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) properties[name] = value;
  }
  const bytes = body instanceof ArrayBuffer ? new Uint8Array(body) : body;
  return bytes instanceof Uint8Array
    ? { ...target, properties, body: encodeBase64(bytes), bodyFormat: "base64" }
    : { ...target, properties, body: bytes };
}

const HEADER = /^(JMSCorrelationID|JMSType|JMSPriority|JMSDeliveryMode|timeToLive)$/;

/** Returns the size as the bridge counts it: the body in its JMS form, and the properties. */
function sizeOf({ body, bodyFormat, properties }: SendData): number {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  let bytes = bodyFormat === "base64" ? atob(text).length : utf8Length(text);
  for (const [name, value] of Object.entries(properties)) {
    if (!HEADER.test(name)) bytes += name.length + String(value).length;
  }
  return bytes;
}

/**
 * Rejects messages that are too large, because the bridge would close the whole WebSocket. In
 * transit, as JSON and base64, a message may be twice as large.
 *
 * @throws RefusedError
 */
export function checkSize(data: SendData, { messageBytes }: Limits): void {
  if (messageBytes === undefined) return;
  const json = JSON.stringify(data);
  // A char has at most three bytes in UTF-8, so most messages need no counting.
  if (json.length * 3 <= messageBytes) return;
  const bytes = Math.max(sizeOf(data), utf8Length(json) - messageBytes);
  if (bytes > messageBytes) {
    throw new RefusedError("limitExceeded", `message: ${bytes} bytes; allowed: ${messageBytes}`);
  }
}
