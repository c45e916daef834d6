import { isObject, stringOf, stringsOf, type JsonValue } from "./json.js";
import { BridgeMessage, type BodyFormat, type PropertyValue } from "./message.js";

/**
 * Limits of the bridge for one client. A limit that the bridge does not send does not apply here.
 */
export interface Limits {
  readonly messageBytes?: number;
  readonly jsonDepth?: number;
  readonly topicsPerClient?: number;
  readonly requestsInFlight?: number;
  readonly messagesPerSecond?: number;
  /** Milliseconds after which the bridge refuses a message that its broker has not accepted. */
  readonly sendTimeout?: number;
  readonly [name: string]: number | undefined;
}

/** The bridge's answer to `connect` (protocol section 2). */
export interface ConnectInfo {
  /** The user of the session; `undefined` if the bridge does not say it. */
  readonly user?: string;
  readonly userRoles: readonly string[];
  readonly isSysadmin: boolean;
  readonly userUri?: string;
  readonly bridgeId?: string;
  readonly limits: Limits;
  readonly resumeToken?: string;
  readonly resumed?: boolean;
}

export type ControlAnswer = AnswerOk | AnswerFailed;
export interface AnswerOk extends ConnectInfo {
  readonly kind: "answer";
  readonly ok: true;
  readonly correlationId: string;
  readonly failedTopics: readonly string[];
  readonly topicErrors: readonly string[];
  /** For each failed topic: whether it may be subscribed later. */
  readonly topicTemporary: readonly unknown[];
  /** Handles that are no longer this client's. */
  readonly failedDeliveries?: readonly string[];
  /** The answer to `presence`. */
  readonly present?: readonly Presence[];
}
/** Fields of every failure that the bridge reports. */
export interface Refusal {
  readonly errorCode: string;
  readonly errorMessage: string;
  /** Whether the same message may succeed later. */
  readonly temporary: boolean;
}
export interface AnswerFailed extends Refusal {
  readonly kind: "answer";
  readonly ok: false;
  readonly correlationId: string;
}

/** Outcome of a message to `/anzo/bridge`. */
export interface SendOutcome extends Refusal {
  readonly kind: "outcome";
  readonly ok: boolean;
  readonly correlationId?: string;
}

/** Topics whose subscriptions the bridge has ended (protocol section 5). */
export interface TopicsRevoked {
  readonly topics: readonly string[];
  /** `accessRevoked`, or the error if a subscription could not be re-created in a new session. */
  readonly reason: string;
}
/** Queues of which the bridge has ended the consumption (protocol section 15). */
export interface QueuesRevoked {
  readonly queues: readonly string[];
  /** `accessRevoked`, or the error if it could not be begun again in a new session. */
  readonly reason: string;
}
/** State of the bridge: it lost a broker, has it back, or drains (protocol section 5). */
export interface BridgeStatus {
  readonly status: "suspended" | "resumed" | "draining";
  /** The further broker that was lost or is back (protocol section 13); absent for the default one. */
  readonly broker?: string;
}
/** Missed messages by topic; `lost` is their number, or `null` if unknown (protocol section 5). */
export interface Gap {
  readonly topics: readonly { readonly topic: string; readonly lost: number | null }[];
  /**
   * `brokerOutage`, `slowConsumer`, `notRecoverable`, `tooLarge`; or `sessionLost` from this
   * client.
   */
  readonly reason: string;
}
/** Names of users who have joined or left a topic (protocol section 18). */
export interface PresenceChange {
  readonly topic: string;
  readonly joined: readonly string[];
  readonly left: readonly string[];
}

/** Who is present on a topic. */
export interface Presence {
  readonly topic: string;
  /** The number of clients; a user may have several. */
  readonly clients: number;
  /** The names of the users, each once. */
  readonly users: readonly string[];
  /** Number of users that are not named, because there are too many. */
  readonly more?: number;
}

/** What the bridge tells unasked, by the name of the client's event. */
export interface Notices {
  bridgeStatus: BridgeStatus;
  /** The bridge has ended subscriptions to these topics. */
  revoked: TopicsRevoked;
  /** The bridge has ended the consumption of these queues. */
  queuesRevoked: QueuesRevoked;
  /** Messages of these topics were, or may have been, missed. */
  gap: Gap;
  presence: PresenceChange;
  /** The user may no longer see who is present on these topics. */
  presenceEnded: TopicsRevoked;
}

export type Notice = {
  [N in keyof Notices]: { readonly kind: "notice"; readonly name: N; readonly event: Notices[N] };
}[keyof Notices];

export type Incoming =
  | ControlAnswer
  | SendOutcome
  | Notice
  | { readonly kind: "message"; readonly message: BridgeMessage }
  | { readonly kind: "unknown"; readonly data: unknown };

/** Decodes what only clients of `longspan` are told; see `full-codec.ts`. */
export interface FurtherCodec {
  /** @returns further fields of a successful answer */
  answer(data: Record<string, unknown>): Pick<AnswerOk, "failedDeliveries" | "present">;
  /** @returns `undefined` if the notice is unknown */
  notice(data: Record<string, unknown>): Notice | undefined;
}

/**
 * Decodes the `data` of a message on the user channel. Unknown data is `unknown`, never an
 * exception.
 */
export function decode(data: unknown, further?: FurtherCodec): Incoming {
  if (!isObject(data)) return { kind: "unknown", data };
  if (typeof data.type === "string") {
    return decodeNotice(data) ?? further?.notice(data) ?? { kind: "unknown", data };
  }
  if (typeof data.status === "string") {
    const correlationId = stringOf(data.correlationId);
    if (correlationId !== undefined) return decodeAnswer(correlationId, data, further);
    if (!("body" in data)) return decodeOutcome(data);
  }
  return isObject(data.properties)
    ? { kind: "message", message: decodeMessage(data, data.properties) }
    : { kind: "unknown", data };
}

function decodeNotice(data: Record<string, unknown>): Notice | undefined {
  const kind = "notice";
  const reason = stringOf(data.reason) ?? "";
  switch (data.type) {
    case "topicUnsubscribed":
      return { kind, name: "revoked", event: { topics: stringsOf(data.topics), reason } };
    case "bridgeStatus": {
      const { status } = data;
      if (status !== "suspended" && status !== "resumed" && status !== "draining") return undefined;
      const broker = typeof data.broker === "string" ? { broker: data.broker } : {};
      return { kind, name: "bridgeStatus", event: { status, ...broker } };
    }
    case "gap": {
      const missed = objectsOf(data.topics).map(({ topic, lost }) => ({
        topic: String(topic),
        lost: typeof lost === "number" ? lost : null,
      }));
      return { kind, name: "gap", event: { topics: missed, reason } };
    }
    default:
      return undefined;
  }
}

export const objectsOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

function decodeAnswer(
  correlationId: string,
  data: Record<string, unknown>,
  further: FurtherCodec | undefined,
): ControlAnswer {
  // Without errorCode, what is named has failed, and the rest has succeeded: not an error.
  const named = Array.isArray(data.failedTopics) || Array.isArray(data.failedDeliveries);
  if (data.status === "failed" && (data.errorCode || !named)) {
    return { kind: "answer", ok: false, correlationId, ...failure(data) };
  }
  return {
    kind: "answer",
    ok: true,
    correlationId,
    failedTopics: stringsOf(data.failedTopics),
    topicErrors: stringsOf(data.topicErrors),
    topicTemporary: (data.topicTemporary ?? []) as readonly unknown[],
    ...further?.answer(data),
    userRoles: (stringOf(data.userRoles) ?? "").split("\n").filter((role) => role !== ""),
    isSysadmin: data.isSysadmin === true,
    userUri: stringOf(data.userUri),
    bridgeId: stringOf(data.bridgeId),
    limits: isObject(data.limits) ? decodeLimits(data.limits) : {},
    resumeToken: stringOf(data.resumeToken),
    resumed: typeof data.resumed === "boolean" ? data.resumed : undefined,
  };
}

function decodeLimits(data: Record<string, unknown>): Limits {
  return Object.fromEntries(
    Object.entries(data).filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}

function decodeOutcome(data: Record<string, unknown>): SendOutcome {
  const properties = isObject(data.properties) ? data.properties : {};
  return {
    kind: "outcome",
    ok: data.status === "success",
    correlationId: stringOf(properties.JMSCorrelationID),
    ...failure(data),
  };
}

function failure(data: Record<string, unknown>): Refusal {
  return {
    errorCode: stringOf(data.errorCode) ?? "",
    errorMessage: stringOf(data.errorMessage) ?? "",
    temporary: data.temporary === true,
  };
}

function decodeMessage(data: Record<string, unknown>, raw: Record<string, unknown>): BridgeMessage {
  const properties = Object.fromEntries(
    Object.entries(raw).filter((entry): entry is [string, PropertyValue] => isProperty(entry[1])),
  );
  // JSON.parse created it, so it is a JSON value.
  const body = (data.body ?? null) as JsonValue;
  return new BridgeMessage(
    body,
    bodyFormat(body, data.bodyFormat, properties.bodyFormat),
    properties,
    stringOf(data.replyTo),
    typeof data.seq === "number" ? data.seq : undefined,
    stringOf(data.delivery),
  );
}

const isProperty = (value: unknown): value is PropertyValue =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";

function bodyFormat(body: JsonValue, delivered: unknown, said: unknown): BodyFormat {
  switch (delivered) {
    case "base64":
    case "map":
    case "stream":
    case "unsupported":
      return delivered;
    default:
      if (body === null) return "none";
      return said === "json" ? "json" : "text";
  }
}

/** Splits the `error` of a Bayeux reply: `<code>:text`, or Bayeux's own `<number>:args:text`. */
export function decodeBayeuxError(error: unknown): { code: string; message: string } {
  const [, code = "", message = ""] = /^([^:]*):(.*)$/s.exec(stringOf(error) ?? "") ?? [];
  return { code, message: message.replace(/^:/, "") || code || "no reason given" };
}
