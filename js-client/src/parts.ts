import { CancelledError, ConnectionLostError, type LongspanError } from "./errors.js";
import type { BridgeMessage } from "./message.js";

/** Maximum number of parts that wait for a slow reader. */
const MAX_WAITING = 10_000;

interface Reader {
  resolve(result: IteratorResult<BridgeMessage, undefined>): void;
  reject(error: Error): void;
}

/** The parts of one answer as an async iterator. */
export class PartStream implements AsyncIterableIterator<BridgeMessage, undefined> {
  readonly #parts: BridgeMessage[] = [];
  readonly #readers: Reader[] = [];
  #expected = 1;
  #ended = false;
  #error: Error | undefined;

  constructor(private readonly cancel: () => void) {}

  part(message: BridgeMessage): "more" | "end" | LongspanError {
    if (message.sequence !== undefined && message.sequence !== this.#expected++) {
      return new ConnectionLostError(`Part ${this.#expected - 1} of the answer was lost`);
    }
    const reader = this.#readers.shift();
    if (reader !== undefined) reader.resolve({ done: false, value: message });
    else if (this.#parts.push(message) > MAX_WAITING) {
      return new CancelledError(`More than ${MAX_WAITING} parts wait for a reader`);
    }
    if (!message.last) return "more";
    this.#finish();
    return "end";
  }

  fail(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    const reader = this.#readers.shift();
    if (reader === undefined) this.#error = error;
    else reader.reject(error);
    this.#finish();
  }

  next(): Promise<IteratorResult<BridgeMessage, undefined>> {
    const value = this.#parts.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    const error = this.#error;
    if (error !== undefined) {
      this.#error = undefined;
      return Promise.reject(error);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<BridgeMessage, undefined>> {
    const open = !this.#ended;
    this.#parts.length = 0;
    this.#error = undefined;
    this.#finish();
    if (open) this.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(): void {
    this.#ended = true;
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined });
  }
}
