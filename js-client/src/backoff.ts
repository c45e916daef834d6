/**
 * How long to wait before the next attempt: doubles from `initial` to `max` milliseconds, and each wait is a random
 * part (half to whole) of it, so that the clients of a bridge that fell do not come back in step.
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
