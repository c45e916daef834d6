const RANDOM_BYTES = 16;
const REST_OF_ID = /^([1-9]\d*)-[0-9a-f]{32}$/;

/**
 * Correlation ids: the Bayeux client id and a counter, so that no two sessions ever make the same, and 128 random bits,
 * so that nobody can guess an id, not even a service that has seen earlier ones.
 */
export class CorrelationIds {
  #prefix = "";
  #count = 0;

  /** The last id that was made, without its random part: what `restore` goes on from. */
  get last(): string {
    return `${this.#prefix}${this.#count}`;
  }

  /** Ids of a new session begin anew. */
  begin(clientId: string): void {
    this.#prefix = `${clientId}-`;
    this.#count = 0;
  }

  /** Goes on after an id that was made before the page was loaded again. */
  restore(last: string): void {
    const dash = last.lastIndexOf("-");
    this.#prefix = last.slice(0, dash + 1);
    this.#count = Number(last.slice(dash + 1)) || 0;
  }

  next(): string {
    this.#count++;
    return `${this.last}-${random()}`;
  }

  /** Whether this session made the id. */
  made(id: string): boolean {
    if (!id.startsWith(this.#prefix)) return false;
    const count = REST_OF_ID.exec(id.slice(this.#prefix.length))?.[1];
    return count !== undefined && Number(count) <= this.#count;
  }
}

/** Not `randomUUID`: a page that was not loaded over HTTPS has none. */
const random = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
