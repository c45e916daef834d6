/** How many messages may wait for one that is missing before them. */
const MOST_HELD = 10_000;

/**
 * The order of the user channel: gives out each numbered message once, by ascending number. What comes after a hole
 * waits for the missing ones, or for the word that they will not come.
 */
export class Sequence<T> {
  #last = 0;
  readonly #held = new Map<number, T>();

  constructor(private readonly give: (message: T) => void) {}

  /** The number of the last message that was given out; what a session is resumed from. */
  get last(): number {
    return this.#last;
  }

  /** @returns `hole`: something before it is missing; `overrun`: so much came after a hole that it was given up */
  take(seq: number, message: T): "inOrder" | "hole" | "overrun" {
    if (seq > this.#last) this.#held.set(seq, message);
    this.#giveNext();
    if (this.#held.size === 0) return "inOrder";
    if (this.#held.size < MOST_HELD) return "hole";
    this.settle(Math.max(...this.#held.keys()));
    return "overrun";
  }

  /** What is missing up to here was dropped by the bridge. */
  settle(seq: number): void {
    for (const each of [...this.#held.keys()].sort((a, b) => a - b)) {
      if (each <= seq) this.#giveOne(each);
    }
    this.#last = seq;
    this.#giveNext();
  }

  /** Goes on after this number; what waits belongs to a session that is no more. */
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
