import type { Refusal } from "./codec.js";
import type { Settings, TransportName } from "./options.js";

/**
 * The port to Bayeux: one connection, which keeps itself alive and makes new sessions when it must. What is behind it
 * (CometD, by `bayeux-connection.ts`; a fake, in tests) is nobody else's business.
 */
export interface Connection {
  /** Why the last attempt failed, for people. */
  readonly problem: string | undefined;
  /** The transport that it uses. */
  readonly transport: TransportName | undefined;
  /** Milliseconds that the bridge may take for a reply, if that is longer than `networkTimeout`. */
  replyTime: number;
  /** Starts; called once. */
  open(listener: ConnectionListener): void;
  /** Gives the message to the network; `receipt` is called once, unless the connection is closed before. */
  publish(channel: string, data: unknown, receipt: (receipt: Receipt) => void): void;
  /** What `run` publishes travels together. */
  batch(run: () => void): void;
  /**
   * The network may be back: an attempt that is waited for begins now, one that is under way begins anew; and a
   * connection that seems to work has to prove it.
   */
  wake(): void;
  /** The network is gone: what is open is given up, and tried again. */
  drop(): void;
  /** Ends the session, at most in `closeTimeout`; then no timer, socket or request of it is left. Idempotent. */
  close(): Promise<void>;
}

/** What the bridge said of itself in the handshake. */
export interface SessionInfo {
  readonly clientId: string;
  readonly bridgeId: string | undefined;
  readonly userChannel: string;
  /** The user whose session it is, where the bridge tells. */
  readonly user: string | undefined;
  /** The root of the bridge's channels. */
  readonly root: string;
}

export interface ConnectionListener {
  /** A new session, whose user channel is being subscribed. Called inside a batch. */
  opened(session: SessionInfo): void;
  /** The network is gone; the session may survive. */
  interrupted(): void;
  /** The network is back and the session is still the same; what was under way meanwhile may be lost. */
  restored(): void;
  /** The session goes on over a new socket. What was under way on the last one may be lost, though nothing failed. */
  renewed(): void;
  /** The number of the last message that was taken in this session, which the bridge need not keep; 0: none. */
  taken(): number;
  /** `data` of a message on the user channel. */
  received(data: unknown): void;
  /** The connection has given up; nothing more will come. */
  failed(error: Error): void;
}

/** What became of a publish: `unknown` had been written when the network broke. */
export type Receipt =
  | { readonly kind: "sent" }
  | ({ readonly kind: "refused" } & Refusal)
  | { readonly kind: "notSent"; readonly message: string }
  | { readonly kind: "unknown"; readonly message: string };

export type ConnectionFactory = (settings: Settings) => Connection;
