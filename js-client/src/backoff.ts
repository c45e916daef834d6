/**
 * Computes the pauses between attempts. The limit doubles from `initial` to `max` milliseconds.
 * Each pause is random between half of the limit and the limit, so that clients do not reconnect in
 * step.
 */
export class Backoff {
  #attempt = 0;

  constructor(
    private readonly initial: number,
    private readonly max: number,
    private readonly random: () => number,
  ) {}

  next(): number {
    const ceiling = Math.min(this.max, this.initial * 2 ** Math.min(this.#attempt++, 30));
    return Math.round(ceiling * (0.5 + this.random() / 2));
  }

  reset(): void {
    this.#attempt = 0;
  }
}
