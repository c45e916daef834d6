import type { Settings } from "./options.js";
import { encodeBase64 } from "./json.js";

/** Carried by all that a bridge answers, and by nothing else. */
export const BRIDGE_ID = "X-Bridge-Id";

export const isNode = (): boolean => {
  const { process, document } = globalThis as {
    process?: { versions?: { node?: string } };
    document?: unknown;
  };
  return process?.versions?.node !== undefined && document === undefined;
};

/** HTTP Basic in UTF-8, which `btoa` alone can't do. */
export function basicCredentials({ credentials }: Settings): Record<string, string> {
  if (credentials === undefined) return {};
  const bytes = new TextEncoder().encode(`${credentials.user}:${credentials.password}`);
  return { Authorization: `Basic ${encodeBase64(bytes)}` };
}

/** Node.js has no cookie store, and the bridge knows its sessions by a cookie too. In a browser it does nothing. */
export class CookieJar {
  readonly #cookies = new Map<string, string>();

  headers(): Record<string, string> {
    return this.#cookies.size === 0 ? {} : { Cookie: [...this.#cookies.values()].join("; ") };
  }

  store(response: Response): void {
    if (!isNode()) return;
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ""] = cookie.split(";");
      this.#cookies.set(pair.slice(0, pair.indexOf("=")).trim(), pair.trim());
    }
  }
}

/** One HTTP request, seen by CometD's long polling as if it were an XMLHttpRequest. */
export class HttpExchange {
  /** That of the bridge's answer; 0: there is none, or it is somebody else's, of a proxy between. */
  status = 0;
  /** Whether something came back that need not be a proxy's complaint. */
  answered = false;
  readonly #abort = new AbortController();

  constructor(private readonly fetcher: typeof fetch) {}

  async send(
    url: string,
    headers: Record<string, string>,
    body: string,
    jar: CookieJar,
  ): Promise<string> {
    const response = await this.fetcher(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...jar.headers(), ...headers },
      body,
      credentials: "include",
      cache: "no-store",
      signal: this.#abort.signal,
    });
    const { status, statusText } = response;
    if (response.headers.has(BRIDGE_ID)) this.status = status;
    this.answered = this.status !== 0 || response.ok;
    jar.store(response);
    const text = await response.text();
    if (status === 200) return text;
    // The bridge's own refusal names what it has refused.
    throw new Error((this.status === 403 && text.trim()) || `HTTP ${status} ${statusText}`);
  }

  abort(): void {
    this.#abort.abort();
  }
}
