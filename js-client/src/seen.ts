/** Of how many messages it is known that they have come. */
const MOST = 1_000;

/** The ids of the last messages, so that what two bridges deliver is given out once. */
export class Seen {
  readonly #ids = new Set<string>();

  /** @returns whether it is new; so is each message that has no id */
  add(id: string | undefined): boolean {
    if (id === undefined) return true;
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    const [oldest = ""] = this.#ids;
    if (this.#ids.size > MOST) this.#ids.delete(oldest);
    return true;
  }
}
