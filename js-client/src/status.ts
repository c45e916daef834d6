import type { BridgeStatus, Gap, TopicsRevoked } from "./codec.js";
import type { TransportName } from "./options.js";

/**
 * `connecting`: by `connect()`, for the first time; `reconnecting`: the connection was lost and the client is working
 * on it; `disconnected`: it has not begun, was told to end, or has given up.
 */
export type Status = "disconnected" | "connecting" | "connected" | "reconnecting";

export interface StatusEvent {
  readonly status: Status;
  readonly previous: Status;
  /** Why the client gave up, if it did. */
  readonly error?: Error;
}

/** The transport that is used from now on. */
export interface TransportEvent {
  readonly transport: TransportName;
  /** `undefined`: it is the first since `connect()`. */
  readonly previous: TransportName | undefined;
}

export interface ClientEvents {
  status: StatusEvent;
  /** The client has changed to another transport: to long polling where WebSockets are blocked, or back. */
  transport: TransportEvent;
  /** The bridge lost its broker, has it back, or is being stopped. */
  bridgeStatus: BridgeStatus;
  /** Topics that the bridge has ended; their subscriptions are over. */
  revoked: TopicsRevoked;
  /** Messages of these topics were, or may have been, missed. */
  gap: Gap;
}
