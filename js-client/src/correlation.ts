/** Correlation ids: the Bayeux client id and a counter, so that no two sessions ever make the same. */
export class CorrelationIds {
  #prefix = "";
  #count = 0;

  /** The last id that was made: what `restore` goes on from. */
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
    return this.last;
  }

  /** Whether this session made the id. */
  made(id: string): boolean {
    if (!id.startsWith(this.#prefix)) return false;
    const count = Number(id.slice(this.#prefix.length));
    return Number.isInteger(count) && count >= 1 && count <= this.#count;
  }
}
