import { asyncDispose } from "./dispose.js";

/** Messages as they arrive. Leaving the loop, `return()` and `await using` end it. */
export interface MessageStream<T> extends AsyncIterableIterator<T, undefined> {
  [Symbol.asyncDispose](): Promise<void>;
}

interface Reader<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: Error): void;
}

/** Values that arrive by themselves, as an async iterator. */
export class Stream<T> implements MessageStream<T> {
  readonly #values: T[] = [];
  readonly #readers: Reader<T>[] = [];
  #ended = false;
  #error: Error | undefined;

  /** @param left called if the reader leaves before the end */
  constructor(private readonly left: () => void) {}

  /** @returns the number of values that wait for a reader */
  push(value: T): number {
    const reader = this.#readers.shift();
    if (!reader) return this.#values.push(value);
    reader.resolve({ done: false, value });
    return 0;
  }

  end(): void {
    this.#ended = true;
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined });
  }

  /** Ends with an error, after the values that wait. */
  fail(error: Error): void {
    if (this.#ended) return;
    const reader = this.#readers.shift();
    if (!reader) this.#error = error;
    else reader.reject(error);
    this.end();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const value = this.#values.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    const error = this.#error;
    if (error) {
      this.#error = undefined;
      return Promise.reject(error);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<T, undefined>> {
    const open = !this.#ended;
    this.#values.length = 0;
    this.#error = undefined;
    this.end();
    if (open) this.left();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [asyncDispose](): Promise<void> {
    await this.return();
  }
}
