/** Maximum number of messages that wait for a missing one. */
const MAX_HELD = 10_000;

/**
 * Orders the user channel: delivers each numbered message once, in ascending order. Messages after
 * a hole wait until the missing ones arrive, or until it is known that they will not.
 */
export class Sequence<T> {
  #last = 0;
  readonly #held = new Map<number, T>();

  constructor(private readonly give: (message: T) => void) {}

  /** The last delivered `seq`, from which a session is resumed. */
  get last(): number {
    return this.#last;
  }

  /**
   * @returns `hole`: an earlier message is missing; `overrun`: too many waited, so the hole was
   *   skipped
   */
  take(seq: number, message: T): "inOrder" | "hole" | "overrun" {
    if (seq > this.#last) this.#held.set(seq, message);
    this.#giveNext();
    if (this.#held.size === 0) return "inOrder";
    if (this.#held.size < MAX_HELD) return "hole";
    this.settle(Math.max(...this.#held.keys()));
    return "overrun";
  }

  /** Skips all holes up to this `seq`, because the bridge has discarded those messages. */
  settle(seq: number): void {
    for (const each of [...this.#held.keys()].sort((a, b) => a - b)) {
      if (each <= seq) this.#giveOne(each);
    }
    this.#last = seq;
    this.#giveNext();
  }

  /** Continues after this `seq`, and discards waiting messages of the old session. */
  restart(seq: number): void {
    this.#held.clear();
    this.#last = seq;
  }

  #giveNext(): void {
    while (this.#held.has(this.#last + 1)) this.#giveOne(this.#last + 1);
  }

  #giveOne(seq: number): void {
    const message = this.#held.get(seq);
    if (!this.#held.delete(seq)) return;
    this.#last = seq;
    this.give(message as T);
  }
}
