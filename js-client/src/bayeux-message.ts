/** Advice of the server; times in milliseconds. */
export interface Advice {
  readonly reconnect?: "none" | "handshake" | "retry";
  /** How long the server holds a connect. */
  readonly timeout: number;
  /** Pause before the next connect. */
  readonly interval: number;
  /** How long the server keeps a session without a connect; 0: unknown. */
  readonly maxInterval: number;
}

/** Why a message got no reply. */
export interface TransportFailure {
  readonly reason?: string;
  /** Status of the bridge's HTTP response; 0 without one. */
  readonly httpCode?: number;
}

/** A message of Bayeux 1.0, sent or received; or in place of a reply a `failure`. */
export interface Message {
  readonly id?: string;
  readonly channel: string;
  clientId?: string;
  readonly data?: unknown;
  readonly successful?: boolean;
  readonly error?: string;
  readonly advice?: Partial<Advice>;
  ext?: object;
  readonly version?: string;
  readonly minimumVersion?: string;
  readonly supportedConnectionTypes?: readonly string[];
  readonly connectionType?: string;
  readonly subscription?: string;
  readonly failure?: TransportFailure;
}
