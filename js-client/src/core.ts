/** The public API of `longspan/core`: a part of that of `longspan`, for pages that need no more. */
export { CoreClient } from "./core-client.js";
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
export type { BridgeStatus, ConnectInfo, Gap, Limits, TopicsRevoked } from "./codec.js";
export type { AnyDestinations, BodyOf, NameFor } from "./destinations.js";
export type { JsonArray, JsonObject, JsonValue } from "./json.js";
export type { Logger } from "./logger.js";
export type { CoreOptions, OpenWebSocket, TransportName, WebSocketLike } from "./options.js";
export type { RequestOptions } from "./requests.js";
export type { SendBody, SendOptions } from "./sends.js";
export type { ClientEvents, Status, StatusEvent, TransportEvent } from "./status.js";
export type { CoreSubscribeOptions, TopicSubscription } from "./topic-subscription.js";
export type { MessageListener } from "./topics.js";
export type { Clock } from "./timers.js";
