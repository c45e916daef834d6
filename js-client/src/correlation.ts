/** Correlation ids: the Bayeux client id and a counter, so that no two sessions ever make the same. */
export class CorrelationIds {
  #prefix = "";
  #count = 0;

  /** Ids of a new session begin anew. */
  begin(clientId: string): void {
    this.#prefix = `${clientId}-`;
    this.#count = 0;
  }

  next(): string {
    return `${this.#prefix}${++this.#count}`;
  }

  /** Whether this session made the id. */
  made(id: string): boolean {
    if (!id.startsWith(this.#prefix)) return false;
    const count = Number(id.slice(this.#prefix.length));
    return Number.isInteger(count) && count >= 1 && count <= this.#count;
  }
}
