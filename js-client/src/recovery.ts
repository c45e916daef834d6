import { Backoff } from "./backoff.js";
import { AuthenticationError, ConnectionLostError, RefusedError } from "./errors.js";
import type { Settings } from "./options.js";

/** Failed attempts in one session after which another transport is tried. */
const PATIENCE = 4;

/** A failed handshake or connect. */
export interface Failure {
  readonly isHandshake: boolean;
  readonly transport: string;
  /** This client aborted the attempt, because a new one may succeed. */
  readonly abandoned: boolean;
  /** The bridge may be unreachable at all, so another transport may not help. */
  readonly unreachable: boolean;
  /** The server rejected it by a Bayeux reply; otherwise the transport failed. */
  readonly answered: boolean;
  /** Status of the rejection, of HTTP or of Bayeux; 0 without one, or if the platform hides it. */
  readonly status: number;
  /** Code and text of the server's error, or empty. */
  readonly code: string;
  readonly text: string;
  /** What the server proposes, or else Bayeux. */
  readonly advice: "none" | "handshake" | "retry";
  /** Milliseconds after the last connect for which the server keeps the session; 0: unknown. */
  readonly sessionTime: number;
}

export type Decision =
  | { readonly kind: "stop"; readonly error: Error }
  | {
      readonly kind: "handshake" | "retry";
      /** The next transport; `undefined`: the current one. */
      readonly transport: string | undefined;
      /** Milliseconds. */
      readonly delay: number;
    };

/**
 * Decides what follows a failure: whether to continue, in which session, over which transport, and
 * when.
 */
export class Recovery {
  readonly #backoff: Backoff;
  /** Transports that failed in this round of attempts. */
  readonly #blocked = new Set<string>();
  /** Time at which the network of the current session failed; 0: it works. */
  #downSince = 0;
  /** Failed attempts since then. */
  #failures = 0;
  /** Whether the bridge has rejected the session and a new one was requested at once. */
  #told = false;

  constructor(
    private readonly settings: Settings,
    /** Transports that the platform has, in the order of preference. */
    private readonly transports: readonly string[],
  ) {
    const { initial, max } = settings.reconnect;
    this.#backoff = new Backoff(initial, max, settings.random);
  }

  /** Called after a successful handshake. */
  begun(): void {
    this.#downSince = 0;
  }

  /** Called after a successful connect. */
  works(): void {
    this.#downSince = 0;
    this.#failures = 0;
    this.#told = false;
    this.#backoff.reset();
  }

  /** Called when the network may be back. */
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
    // The bridge is reachable, so the first handshake is immediate; further ones back off.
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
   * Alternates transports after some failures, because the network may block WebSockets now. Not at
   * once: a load balancer may route the other transport to a bridge that does not know the session.
   */
  #otherThan(transport: string, unreachable: boolean): string | undefined {
    if (++this.#failures < PATIENCE || unreachable) return undefined;
    return this.transports.find((name) => name !== transport && !this.#blocked.has(name));
  }
}

/** Returns the error for a 401 or 403 of the bridge. */
export function refusal(status: number, text: string): Error {
  const [, why, about = ""] = /^(limitExceeded|originRefused): *(.*)/s.exec(text) ?? [];
  return why === undefined
    ? new AuthenticationError(`The bridge does not know this user (${status})`)
    : new RefusedError(why, about.trim(), why === "limitExceeded");
}

/**
 * Returns the error for a session that the bridge has terminated; `reason` is the bridge's, if any.
 */
export function ended(reason = ""): Error {
  const message = `The bridge has ended the session (${reason || "no reason given"})`;
  return /^(loggedOut|credentialEnded|signInLimit|tokenExpired)$/.test(reason)
    ? new AuthenticationError(message)
    : new ConnectionLostError(message, reason || undefined);
}

const stop = (error: Error): Decision => ({ kind: "stop", error });
