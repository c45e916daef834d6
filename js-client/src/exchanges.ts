import { correlationHeader } from "./bayeux.js";
import type { Message } from "./bayeux-message.js";
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

/**
 * HTTP requests of one connection, which can be aborted together, and the headers that WebSockets
 * share.
 */
export class Exchanges {
  /** Sent as a header; a load balancer routes the session by it. */
  bridgeId: string | undefined;
  readonly #jar = isNode() ? new CookieJar() : undefined;
  readonly #open = new Set<HttpExchange>();
  #closed = false;
  /** Returns the bearer token, if there is one. */
  token: () => string | undefined = () => undefined;

  constructor(private readonly settings: Settings) {}

  headers(): Record<string, string> {
    const token = this.token();
    return {
      ...this.#jar?.headers(),
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
   * Sends a request. If there is no text, or `onText` throws, `onError` is called; after `close()`
   * it is not.
   */
  post(
    url: string,
    body: string,
    messages: readonly Message[],
    onText: (text: string) => void,
    onError: (reason: string) => void,
  ): HttpExchange {
    const exchange = new HttpExchange(this.settings.fetch);
    this.#open.add(exchange);
    exchange
      .send(url, { ...this.headers(), ...correlationHeader(messages) }, body, this.#jar)
      .finally(() => this.#open.delete(exchange))
      .then(onText)
      .catch((error: unknown) => {
        if (!this.#closed) onError(error instanceof Error ? error.message : String(error));
      });
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
