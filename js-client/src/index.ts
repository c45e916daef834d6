/** The public API of the package. */
export { LongspanClient, type Client } from "./client.js";
export { CoreClient } from "./core-client.js";
export type { AnyDestinations, BodyOf, NameFor } from "./destinations.js";
export {
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
} from "./errors.js";
export { BridgeMessage, type BodyFormat, type PropertyValue } from "./message.js";
export type {
  BridgeStatus,
  ConnectInfo,
  Gap,
  Limits,
  Presence,
  QueuesRevoked,
  TopicsRevoked,
} from "./codec.js";
export type { QueueHandler, QueueOptions, QueueSubscription } from "./consumers.js";
export { QueueMessage } from "./queue-message.js";
export type { SubscribeOptions, UnsubscribeOptions } from "./full-subscriptions.js";
export type { JsonArray, JsonObject, JsonValue } from "./json.js";
export type { Logger } from "./logger.js";
export type {
  ClientOptions,
  CoreOptions,
  OpenWebSocket,
  TokenSource,
  TransportName,
  WebSocketLike,
} from "./options.js";
export type { PresenceEvent } from "./presence.js";
export type { RequestOptions } from "./requests.js";
export type { SendBody, SendOptions } from "./sends.js";
export type { MessageStream } from "./stream.js";
export type { ClientEvents, Status, StatusEvent, TransportEvent, WireEvent } from "./status.js";
export type { CoreSubscribeOptions, TopicSubscription } from "./topic-subscription.js";
export type { MessageListener } from "./topics.js";
export type { Clock } from "./timers.js";
