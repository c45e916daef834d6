import { Backoff } from "./backoff.js";
import { AuthenticationError, ConnectionLostError, RefusedError } from "./errors.js";
import type { Settings } from "./options.js";

/** Failed attempts in one session after which another transport is tried. */
const PATIENCE = 4;

/** A handshake or a connect that failed. */
export interface Failure {
  readonly isHandshake: boolean;
  readonly transport: string;
  /** This client has given the attempt up, because a new one may succeed. */
  readonly abandoned: boolean;
  /** It is not known that the bridge can be reached at all: another transport need not help. */
  readonly unreachable: boolean;
  /** The server said no, in Bayeux; otherwise the transport failed. */
  readonly answered: boolean;
  /** The status with which the server refused, of HTTP or of Bayeux; 0 if it did not, or where the platform hides it. */
  readonly status: number;
  /** The code and the text of the server's error; empty if there was none. */
  readonly code: string;
  readonly text: string;
  /** What the server, or else CometD, proposes. */
  readonly advice: "none" | "handshake" | "retry";
  /** Milliseconds after the last connect for which the server keeps the session; 0: unknown. */
  readonly sessionTime: number;
}

export type Decision =
  | { readonly kind: "stop"; readonly error: Error }
  | {
      readonly kind: "handshake" | "retry";
      /** The transport to go on with; `undefined`: the present one. */
      readonly transport: string | undefined;
      /** Milliseconds. */
      readonly delay: number;
    };

/** Decides what follows a failure: whether to go on, in which session, over which transport, and when. */
export class Recovery {
  readonly #backoff: Backoff;
  /** Transports that failed in this round of attempts. */
  readonly #blocked = new Set<string>();
  /** When the network of the present session went away. */
  #downSince = 0;
  /** Failed attempts since then. */
  #failures = 0;
  /** The bridge has said that the session is gone, and was asked for a new one at once. */
  #told = false;

  constructor(
    private readonly settings: Settings,
    /** Those that this platform has, in the order of preference. */
    private readonly transports: readonly string[],
  ) {
    const { initial, max } = settings.reconnect;
    this.#backoff = new Backoff(initial, max, settings.random);
  }

  /** After a handshake that succeeded. */
  begun(): void {
    this.#downSince = 0;
  }

  /** After a connect that succeeded. */
  works(): void {
    this.#downSince = 0;
    this.#failures = 0;
    this.#told = false;
    this.#backoff.reset();
  }

  /** The network may be back. */
  hurry(): void {
    this.#backoff.reset();
  }

  /** The transport that is tried first. */
  get preferred(): string | undefined {
    return this.transports[0];
  }

  isBlocked(transport: string): boolean {
    return this.#blocked.has(transport);
  }

  after(failure: Failure): Decision {
    const { isHandshake, status, code, text, advice } = failure;
    if ((status === 401 || status === 403) && (isHandshake || advice !== "handshake")) {
      return stop(refusal(status, text));
    }
    if (advice === "none") {
      return stop(isHandshake ? new RefusedError(code || "handshake", text) : ended(text));
    }
    return isHandshake ? this.#afterHandshake(failure) : this.#afterConnect(failure);
  }

  #afterHandshake({ transport, answered, abandoned }: Failure): Decision {
    const { transports } = this;
    if (abandoned) return { kind: "handshake", transport, delay: 0 };
    if (!answered) {
      const next = transports[transports.indexOf(transport) + 1];
      if (next !== undefined) {
        this.settings.logger.info(`${transport} does not work here, trying ${next}`);
        this.#blocked.add(transport);
        return { kind: "handshake", transport: next, delay: 0 };
      }
    }
    this.#blocked.clear();
    return {
      kind: "handshake",
      transport: answered ? transport : transports[0],
      delay: this.#backoff.next(),
    };
  }

  #afterConnect(failure: Failure): Decision {
    const { transport, answered, advice, sessionTime, abandoned, unreachable } = failure;
    const now = this.settings.clock.now();
    if (this.#downSince === 0) this.#downSince = now;
    // The bridge is there; only where that does not help, it is asked later and later.
    const told = answered && advice === "handshake" && !this.#told;
    if (told) {
      this.#told = true;
      this.#backoff.reset();
    }
    const delay = told || abandoned ? 0 : this.#backoff.next();
    const expired = sessionTime > 0 && now - this.#downSince + delay > sessionTime;
    return advice === "handshake" || expired
      ? { kind: "handshake", transport: undefined, delay }
      : {
          kind: "retry",
          transport: abandoned ? undefined : this.#otherThan(transport, unreachable),
          delay,
        };
  }

  /**
   * The network may have become one that blocks WebSockets: after some failures the transports take turns. Not at
   * once, because a load balancer may lead the other transport to a bridge that does not know the session.
   */
  #otherThan(transport: string, unreachable: boolean): string | undefined {
    if (++this.#failures < PATIENCE || unreachable) return undefined;
    return this.transports.find((name) => name !== transport && !this.#blocked.has(name));
  }
}

/** What a 401 or 403 of the bridge means. */
export function refusal(status: number, text: string): Error {
  const [, why, about = ""] = /^(limitExceeded|originRefused): *(.*)/s.exec(text) ?? [];
  return why === undefined
    ? new AuthenticationError(`The bridge does not know this user (${status})`)
    : new RefusedError(why, about.trim(), why === "limitExceeded");
}

/** What a session ends with that the bridge has ended for good; `reason` is the bridge's, if it gave one. */
export const ended = (reason?: string): Error =>
  /^(loggedOut|credentialEnded|signInLimit|tokenExpired)$/.test(reason ?? "")
    ? new AuthenticationError(`The bridge has ended the session (${reason})`)
    : new ConnectionLostError(
        `The bridge has ended the session${reason ? ` (${reason})` : ""}`,
        reason,
      );

const stop = (error: Error): Decision => ({ kind: "stop", error });
