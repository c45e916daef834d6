import { AuthenticationError } from "./errors.js";
import type { Settings } from "./options.js";
import type { Timers } from "./timers.js";

/** A token, or what gets one: it is asked again before the last one expires. */
export type TokenSource = string | (() => string | Promise<string>);

/** The bearer token of one connection, renewed in time. */
export class Tokens {
  /** Sent with every request, handshake and `/meta/connect`. */
  current: string | undefined;
  #accepted = false;

  constructor(
    private readonly settings: Settings,
    private readonly timers: Timers,
    /** Milliseconds that may pass until the bridge sees a new token. */
    private readonly lead: () => number,
  ) {}

  /** The bridge has taken the present token. */
  accepted(): void {
    this.#accepted = true;
  }

  /** Whether a new token may help: not where the bridge has refused one that was just got. */
  get mayHelp(): boolean {
    return this.#accepted && typeof this.settings.token === "function";
  }

  /** @throws AuthenticationError if there is none to be had */
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
    // Sooner than needed, but not all the time with tokens that are short-lived.
    if (left > 0) this.#renewIn(Math.max(left / 2, Math.min(left * 0.8, left - this.lead())));
  }

  #renewIn(delay: number): void {
    // What `setTimeout` cannot wait for is far enough away to look again then.
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

/** Milliseconds since 1970; NaN if it does not tell. */
function expiry(token = ""): number {
  try {
    const json = atob((token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/"));
    return (JSON.parse(json) as { exp: number }).exp * 1000;
  } catch {
    return NaN;
  }
}
