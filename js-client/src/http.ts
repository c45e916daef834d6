import type { Settings } from "./options.js";
import { encodeBase64 } from "./json.js";

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
  status = 0;
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
    this.status = response.status;
    jar.store(response);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`HTTP ${response.status} ${response.statusText}`);
    return text;
  }

  abort(): void {
    this.#abort.abort();
  }
}
