import type { Settings } from "./options.js";
import { encodeBase64, isObject } from "./json.js";
import { isNode } from "./platform.js";

/** Header of every response of a bridge, and of no proxy. */
export const BRIDGE_ID = "X-Bridge-Id";

/** HTTP Basic in UTF-8, which `btoa` alone cannot encode. */
export function basicCredentials({ credentials }: Settings): Record<string, string> {
  if (!credentials) return {};
  const bytes = new TextEncoder().encode(`${credentials.user}:${credentials.password}`);
  return { Authorization: `Basic ${encodeBase64(bytes)}` };
}

/** Stores cookies in Node.js, which has no cookie store; the bridge needs its session cookie. */
export class CookieJar {
  readonly #cookies = new Map<string, string>();

  headers(): Record<string, string> {
    return this.#cookies.size === 0 ? {} : { Cookie: [...this.#cookies.values()].join("; ") };
  }

  store(response: Response): void {
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ""] = cookie.split(";");
      this.#cookies.set(pair.slice(0, pair.indexOf("=")).trim(), pair.trim());
    }
  }
}

/** The errors of Node.js for a connection that the server has closed. */
const CLOSED = /^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/;

/** How often a request is repeated; each time Node.js may choose another closed connection. */
const REPETITIONS = 3;

/** Milliseconds before a repetition, in which Node.js notices the other closed connections. */
const PAUSE = 10;

function isClosed(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return isObject(cause) && CLOSED.test(String(cause.code));
}

/**
 * Sends a request; repeats it if its connection was closed before the response, for example by a
 * proxy that is reloaded. A browser does so itself, and the bridge recognises the repetition.
 */
async function repeating(send: () => Promise<Response>, again: () => void): Promise<Response> {
  for (let repetitions = 0; ; repetitions++) {
    try {
      return await send();
    } catch (error) {
      if (!isClosed(error) || repetitions === REPETITIONS) throw error;
      again();
      await new Promise((passed) => setTimeout(passed, PAUSE));
    }
  }
}

/** One HTTP request, which can be aborted. */
export class HttpExchange {
  /** Status of the bridge's response; 0 without one, or if a proxy responded. */
  status = 0;
  /** Whether a response arrived that is not a proxy's error. */
  answered = false;
  /**
   * Whether the request was repeated, so that the bridge may have processed an earlier attempt.
   * Only declared, because pages do not have it: a browser repeats requests without notice.
   */
  declare repeated?: boolean;
  readonly #abort = new AbortController();

  constructor(private readonly fetcher: typeof fetch) {}

  async send(
    url: string,
    headers: Record<string, string>,
    body: string,
    jar: CookieJar | undefined,
  ): Promise<string> {
    const request = (): Promise<Response> =>
      this.fetcher(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body,
        credentials: "include",
        cache: "no-store",
        signal: this.#abort.signal,
      });
    const response = await (isNode()
      ? repeating(request, () => (this.repeated = true))
      : request());
    const { status, statusText } = response;
    if (response.headers.has(BRIDGE_ID)) this.status = status;
    this.answered = this.status !== 0 || response.ok;
    jar?.store(response);
    const text = await response.text();
    if (status === 200) return text;
    // The bridge's own 403 names the reason.
    throw new Error((this.status === 403 && text.trim()) || `HTTP ${status} ${statusText}`);
  }

  abort(): void {
    this.#abort.abort();
  }
}
