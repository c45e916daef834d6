import type { BridgeStatus, Gap, QueuesRevoked, TopicsRevoked } from "./codec.js";
import type { TransportName } from "./options.js";
import type { PresenceEnded, PresenceEvent } from "./presence.js";

/**
 * `connecting`: first connection after `connect()`. `reconnecting`: the connection was lost, and
 * the client is restoring it. `disconnected`: not started, disconnected, or failed.
 */
export type Status = "disconnected" | "connecting" | "connected" | "reconnecting";

export interface StatusEvent {
  readonly status: Status;
  readonly previous: Status;
  /** The reason if the client failed. */
  readonly error?: Error;
}

/** A change of the transport in use. */
export interface TransportEvent {
  readonly transport: TransportName;
  /** `undefined` for the first transport after `connect()`. */
  readonly previous: TransportName | undefined;
}

export interface ClientEvents {
  status: StatusEvent;
  /** The client uses its first or another transport: long polling while WebSockets are blocked. */
  transport: TransportEvent;
  /** The bridge lost a broker, has it back, or drains. */
  bridgeStatus: BridgeStatus;
  /** The bridge has ended subscriptions to these topics. */
  revoked: TopicsRevoked;
  /** The bridge has ended the consumption of these queues. */
  queuesRevoked: QueuesRevoked;
  /** Messages of these topics were, or may have been, missed. */
  gap: Gap;
  /** Others joined or left a topic that was subscribed with `presence`. */
  presence: PresenceEvent;
  /** The user may no longer see who is present on these topics. */
  presenceEnded: PresenceEnded;
}
