import type { Fate } from "../deliveries.js";
import {
  AuthenticationError,
  CancelledError,
  ConnectionLostError,
  LongspanError,
  NotSentError,
  RefusedError,
  TimedOutError,
  TopicSubscribeError,
  type ErrorCode,
  type TopicFailure,
} from "../errors.js";
import { BridgeMessage } from "../message.js";
import type { ConnectInfo, Presence } from "../codec.js";
import type { ClientOptions, TransportName } from "../options.js";
import type { Status } from "../status.js";

declare const LONGSPAN_VERSION: string | undefined;

/** Tabs of different versions of this client do not share. */
export const NAME = `longspan ${typeof LONGSPAN_VERSION === "undefined" ? "" : LONGSPAN_VERSION}`;

/** The options that a tab may send to the hub: all but functions. */
export type HubOptions = Omit<
  ClientOptions,
  "token" | "logger" | "webSocket" | "fetch" | "clock" | "random" | "keepSession"
>;

/** What the hub does for a tab. Each call has one outcome. */
export interface Calls {
  connect(): ConnectInfo;
  reconnect(): void;
  publish(destination: string, body: unknown, options: object): void;
  reply(message: Cloned, body: unknown, options: object): void;
  request(destination: string, body: unknown, options: object): Cloned;
  /** Answers part by part. */
  stream(destination: string, body: unknown, options: object): void;
  /** Messages follow under the id of this call. */
  subscribe(topics: readonly string[], options: object): readonly TopicFailure[];
  forget(topics: readonly string[], options: object): void;
  presence(topic: string): Presence;
  consume(queue: string, options: object): void;
  /** Ends what the call with this id has begun; of a subscription, all but `rest`. */
  end(call: number, rest: readonly string[]): void;
  settle(task: number, fate: Fate): boolean;
}

/** From a tab to the hub. */
export type ToHub =
  | {
      readonly is: "open";
      /** As the bridge says it; empty if it does not. */
      readonly user: string;
      readonly options: HubOptions;
      readonly hasToken: boolean;
      /** Issuer and subject of the token, or the token itself if it does not name them. */
      readonly subject?: string | undefined;
    }
  | {
      readonly is: "call";
      readonly id: number;
      readonly name: keyof Calls;
      readonly args: readonly unknown[];
    }
  | { readonly is: "cancel"; readonly id: number }
  | { readonly is: "batch"; readonly messages: readonly ToHub[] }
  /** The outcome of a task of the hub. */
  | { readonly is: "done"; readonly id: number; readonly value?: unknown }
  | { readonly is: "failed"; readonly id: number; readonly error: WireError }
  | { readonly is: "bye" };

/** From the hub to a tab. */
export type FromHub =
  | { readonly is: "done"; readonly id: number; readonly value?: unknown }
  | { readonly is: "failed"; readonly id: number; readonly error: WireError }
  | { readonly is: "part"; readonly id: number; readonly message: Cloned }
  /** A message of a subscription or queue, with a task that waits until it is processed. */
  | {
      readonly is: "message";
      readonly id: number;
      readonly message: Cloned;
      readonly task?: number;
    }
  /** The bridge has ended the consumption that this call has begun. */
  | { readonly is: "ended"; readonly id: number; readonly error: WireError }
  | { readonly is: "unasked"; readonly message: Cloned }
  | {
      readonly is: "event";
      readonly name: string;
      readonly event: object;
      readonly error: WireError | undefined;
    }
  | { readonly is: "state"; readonly state: HubState }
  | { readonly is: "token"; readonly task: number };

/** The first message of a worker to a tab. */
export interface Hello {
  readonly is: "hello";
  /** The lock that the worker holds while it lives; `undefined` where there are no locks. */
  readonly lock: string | undefined;
}

/** What the getters of a client return. */
export interface HubState {
  readonly status: Status;
  readonly transport: TransportName | undefined;
  readonly info: ConnectInfo | undefined;
}

/** A message as it is between tab and hub: its fields. */
export type Cloned = Pick<
  BridgeMessage,
  "body" | "bodyFormat" | "properties" | "replyTo" | "seq" | "delivery"
>;

export const cloned = (message: BridgeMessage): Cloned => {
  const { body, bodyFormat, properties, replyTo, seq, delivery } = message;
  return { body, bodyFormat, properties, replyTo, seq, delivery };
};

export const messageOf = (it: Cloned): BridgeMessage =>
  new BridgeMessage(it.body, it.bodyFormat, it.properties, it.replyTo, it.seq, it.delivery);

/** An error as it is between tab and hub. */
export interface WireError {
  readonly name: string;
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly bridgeCode: string | undefined;
  readonly temporary: boolean;
  readonly failed: readonly TopicFailure[];
}

export function wireError(error: unknown): WireError {
  const { name, message, code, bridgeCode, temporary, failed } = error as Partial<WireError>;
  return {
    name: name ?? "Error",
    code: error instanceof LongspanError ? code : undefined,
    message: message ?? String(error),
    bridgeCode,
    temporary: temporary === true,
    failed: failed ?? [],
  };
}

export function errorOf({ name, code, message, bridgeCode, temporary, failed }: WireError): Error {
  switch (code) {
    case "notSent":
      return new NotSentError(message);
    case "refused":
      return new RefusedError(bridgeCode ?? "", message, temporary);
    case "timedOut":
      return new TimedOutError(message);
    case "connectionLost":
      return new ConnectionLostError(message, bridgeCode);
    case "cancelled":
      return new CancelledError(message);
    case "authentication":
      return new AuthenticationError(message);
    case "subscribeFailed":
      return new TopicSubscribeError(failed);
    case undefined:
      if (name === "TypeError") return new TypeError(message);
      return name === "RangeError" ? new RangeError(message) : new Error(message);
  }
}
