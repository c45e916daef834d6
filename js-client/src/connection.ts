import type { Refusal } from "./codec.js";
import type { Settings, TransportName } from "./options.js";

/**
 * The port to Bayeux: one connection that keeps itself alive and creates new sessions if necessary.
 * `bayeux-connection.ts` implements it; tests use a fake.
 */
export interface Connection {
  /** Why the last attempt failed, as text for people. */
  readonly problem: string | undefined;
  /** The transport in use. */
  readonly transport: TransportName | undefined;
  /**
   * Milliseconds that the bridge may need for a reply; only used if greater than `networkTimeout`.
   */
  replyTime: number;
  /** Starts the connection; called once. */
  open(listener: ConnectionListener): void;
  /** Publishes a message. `receipt` is called once, unless the connection is closed before. */
  publish(channel: string, data: unknown, receipt: (receipt: Receipt) => void): void;
  /** Sends all messages of `run` together. */
  batch(run: () => void): void;
  /**
   * Signals that the network may be back. A pending attempt starts now, an attempt in progress
   * starts again, and a connection that seems to work is checked.
   */
  wake(): void;
  /** Signals that the network is gone. Everything in flight is aborted and tried again. */
  drop(): void;
  /**
   * Disconnects within `closeTimeout`. Afterwards no timer, socket or request remains. Idempotent.
   */
  close(): Promise<void>;
}

/** What the handshake reply says about the session. */
export interface SessionInfo {
  readonly clientId: string;
  readonly bridgeId: string | undefined;
  readonly userChannel: string;
  /** The user of the session, if the bridge sends it. */
  readonly user: string | undefined;
  /** The newest protocol version that both sides know. */
  readonly version?: string | undefined;
  /** The root of the bridge's channels. */
  readonly root: string;
}

/** Callbacks of a connection. */
export interface ConnectionListener {
  /** A new session exists and its user channel is being subscribed. Called inside a batch. */
  opened(session: SessionInfo): void;
  /** The network is gone; the session may survive. */
  interrupted(): void;
  /** The network is back with the same session; messages in flight may be lost. */
  restored(): void;
  /** The session continues on a new socket. Messages in flight on the old one may be lost. */
  renewed(): void;
  /**
   * Returns the last `seq` that was received in this session, which the bridge need not retain; 0:
   * none.
   */
  acknowledged(): number;
  /** Called with the `data` of a message on the user channel. */
  received(data: unknown): void;
  /** The connection has failed for good; nothing follows. */
  failed(error: Error): void;
}

/** Outcome of a publish. `unknown`: it was written before the network failed. */
export type Receipt =
  | { readonly kind: "sent" }
  | ({ readonly kind: "refused" } & Refusal)
  | { readonly kind: "notSent"; readonly message: string }
  | { readonly kind: "unknown"; readonly message: string };

export type ConnectionFactory = (settings: Settings) => Connection;
