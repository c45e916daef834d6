import { correlationHeader } from "./bayeux.js";
import { BRIDGE_ID, basicCredentials, CookieJar, HttpExchange } from "./http.js";
import { isNode } from "./platform.js";
import type { Settings } from "./options.js";
import type { Look } from "./scout.js";

/** A connect of an unknown session, which the bridge rejects at once. */
export const OF_NO_SESSION = {
  id: "0",
  channel: "/meta/connect",
  clientId: "none",
  connectionType: "long-polling",
};

/** A long-polling request of CometD. */
export interface Post {
  readonly url: string;
  readonly body: string;
  readonly onSuccess: (response: string) => void;
  readonly onError: (reason: string, exception?: unknown) => void;
}

/**
 * HTTP requests of one connection, which can be aborted together, and the headers that WebSockets
 * share.
 */
export class Exchanges {
  /** Sent as a header; a load balancer routes the session by it. */
  bridgeId: string | undefined;
  readonly #jar = new CookieJar();
  readonly #open = new Set<HttpExchange>();
  #closed = false;
  /** Returns the bearer token, if there is one. */
  token: () => string | undefined = () => undefined;

  constructor(private readonly settings: Settings) {}

  headers(): Record<string, string> {
    const token = this.token();
    return {
      ...(isNode() ? this.#jar.headers() : {}),
      ...basicCredentials(this.settings),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...this.settings.headers,
      ...(this.bridgeId === undefined ? {} : { [BRIDGE_ID]: this.bridgeId }),
    };
  }

  /**
   * Sends a connect of an unknown session, to check whether the bridge is reachable. `refused` is
   * called if the bridge rejects the user.
   */
  look(refused: (status: number, text: string) => void): Look {
    const exchange = new HttpExchange(this.settings.fetch);
    return {
      answered: exchange
        .send(this.settings.url, this.headers(), JSON.stringify([OF_NO_SESSION]), this.#jar)
        .then(
          () => exchange.answered,
          (error: unknown) => {
            const { status, answered } = exchange;
            if (status === 401 || status === 403) refused(status, (error as Error).message);
            return answered;
          },
        ),
      abort: () => exchange.abort(),
    };
  }

  /**
   * Sends a request. Exactly one of `onSuccess` and `onError` is called, unless `close()` comes
   * first.
   */
  post(
    { url, body, onSuccess, onError }: Post,
    messages: readonly { readonly data?: unknown }[],
  ): HttpExchange {
    const exchange = new HttpExchange(this.settings.fetch);
    this.#open.add(exchange);
    exchange
      .send(url, { ...this.headers(), ...correlationHeader(messages) }, body, this.#jar)
      .finally(() => this.#open.delete(exchange))
      .then(onSuccess, (error: unknown) => {
        if (!this.#closed) onError(error instanceof Error ? error.message : String(error), error);
      })
      .catch((error: unknown) => this.settings.logger.error("unexpected", error));
    return exchange;
  }

  /** Aborts all requests in flight; each fails. */
  abort(): void {
    for (const exchange of this.#open) exchange.abort();
  }

  close(): void {
    this.#closed = true;
    this.abort();
    this.#open.clear();
  }
}
