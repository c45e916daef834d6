/** Maximum number of remembered ids. */
const MAX_IDS = 1_000;

/** Remembers the ids of the last messages, so that a message from two bridges is delivered once. */
export class Seen {
  readonly #ids = new Set<string>();

  /** @returns whether the message is new; always true without an id */
  add(id: string | undefined): boolean {
    if (id === undefined) return true;
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    const [oldest = ""] = this.#ids;
    if (this.#ids.size > MAX_IDS) this.#ids.delete(oldest);
    return true;
  }
}
