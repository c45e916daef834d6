import { correlationHeader } from "./bayeux.js";
import { BRIDGE_ID, basicCredentials, CookieJar, HttpExchange, isNode } from "./http.js";
import type { Settings } from "./options.js";
import type { Look } from "./scout.js";

/** The bridge says at once that it does not know the session. */
export const OF_NO_SESSION = {
  id: "0",
  channel: "/meta/connect",
  clientId: "none",
  connectionType: "long-polling",
};

/** A request of CometD's long polling. */
export interface Post {
  readonly url: string;
  readonly body: string;
  readonly onSuccess: (response: string) => void;
  readonly onError: (reason: string, exception?: unknown) => void;
}

/** The HTTP requests of one connection, so that it can end them all, and the headers that they share with sockets. */
export class Exchanges {
  /** Sent in a header, by which a load balancer finds the bridge of the session. */
  bridgeId: string | undefined;
  readonly #jar = new CookieJar();
  readonly #open = new Set<HttpExchange>();
  #closed = false;
  /** A bearer token, if there is one. */
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

  /** Asks as a session that nobody has, to see whether the bridge answers; `refused` hears that it does not know this user. */
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

  /** Each request ends in one call of `onSuccess` or `onError`, unless `close()` comes first. */
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

  /** Ends those that are open; each has failed then. */
  abort(): void {
    for (const exchange of this.#open) exchange.abort();
  }

  close(): void {
    this.#closed = true;
    this.abort();
    this.#open.clear();
  }
}
