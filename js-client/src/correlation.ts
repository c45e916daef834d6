const RANDOM_BYTES = 16;
const REST_OF_ID = /^([1-9]\d*)-[0-9a-f]{32}$/;

/**
 * Creates correlation ids: the Bayeux client id, a counter and 128 random bits. The first two make
 * an id unique across sessions. The random bits prevent services from guessing ids of other
 * requests.
 */
export class CorrelationIds {
  #prefix = "";
  #count = 0;

  /** The last id without its random part, for `restore`. */
  get last(): string {
    return `${this.#prefix}${this.#count}`;
  }

  /** Restarts the counter for a new session. */
  begin(clientId: string): void {
    this.#prefix = `${clientId}-`;
    this.#count = 0;
  }

  /** Continues after the last id of the page before a reload. */
  restore(last: string): void {
    const dash = last.lastIndexOf("-");
    this.#prefix = last.slice(0, dash + 1);
    this.#count = Number(last.slice(dash + 1)) || 0;
  }

  next(): string {
    this.#count++;
    return `${this.last}-${random()}`;
  }

  /** Whether this session created the id. */
  made(id: string): boolean {
    if (!id.startsWith(this.#prefix)) return false;
    const count = REST_OF_ID.exec(id.slice(this.#prefix.length))?.[1];
    return count !== undefined && Number(count) <= this.#count;
  }
}

/** `randomUUID` is missing on pages that were not loaded over HTTPS. */
const random = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
