import { AuthenticationError } from "./errors.js";
import type { Settings } from "./options.js";
import type { Timers } from "./timers.js";

/** The bearer token of one connection, renewed before it expires. */
export class Tokens {
  /** Sent with every request, handshake and `/meta/connect`. */
  current: string | undefined;
  #accepted = false;

  constructor(
    private readonly settings: Settings,
    private readonly timers: Timers,
    /** Returns the milliseconds that may pass until the bridge gets a new token. */
    private readonly lead: () => number,
  ) {}

  /** Called when the bridge has accepted the current token. */
  accepted(): void {
    this.#accepted = true;
  }

  /**
   * Whether a new token may help; false for a fixed token, or if the bridge rejected a token that
   * was just fetched.
   */
  get mayHelp(): boolean {
    return this.#accepted && typeof this.settings.token === "function";
  }

  /** @throws AuthenticationError if no token is available */
  async renew(): Promise<void> {
    const { token } = this.settings;
    if (token === undefined) return;
    try {
      this.current = typeof token === "function" ? await token() : token;
    } catch (cause) {
      throw new AuthenticationError("No token to be had", { cause });
    }
    this.#accepted = false;
    if (typeof token === "function") this.#renewLater();
  }

  #renewLater(): void {
    const left = expiry(this.current) - this.settings.clock.now();
    // Early enough, but not constantly for short-lived tokens.
    if (left > 0) this.#renewIn(Math.max(left / 2, Math.min(left * 0.8, left - this.lead())));
  }

  #renewIn(delay: number): void {
    // A longer delay than setTimeout allows is cut; the token is then renewed early.
    this.timers.set(
      () =>
        void this.renew().catch((error: unknown) => {
          this.settings.logger.warn("token", error);
          this.#renewLater();
        }),
      Math.min(delay, 2 ** 31 - 1),
    );
  }
}

/** Returns the expiry in milliseconds since 1970; NaN if the token does not contain it. */
function expiry(token = ""): number {
  try {
    const json = atob((token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/"));
    return (JSON.parse(json) as { exp: number }).exp * 1000;
  } catch {
    return NaN;
  }
}
