import type { Notices } from "./codec.js";
import type { TransportName } from "./options.js";
import type { PresenceEvent } from "./presence.js";

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

/** A Bayeux message on its way, for developers. */
export interface WireEvent {
  readonly direction: "sent" | "received";
  /** The message, without a token; it must not be modified. */
  readonly message: Readonly<Record<string, unknown>>;
}

/** The events of a client. `bridgeStatus`: the bridge lost a broker, has it back, or drains. */
export interface ClientEvents extends Omit<Notices, "presence"> {
  status: StatusEvent;
  /** The client uses its first or another transport: long polling while WebSockets are blocked. */
  transport: TransportEvent;
  /** Who is present on a topic that was subscribed with `presence`; who has joined and left. */
  presence: PresenceEvent;
  /** Each message that is sent or received. Not with a shared connection. */
  wire: WireEvent;
}
