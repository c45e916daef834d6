import type { Receipt } from "./connection.js";
import { deferred, type Deferred } from "./deferred.js";
import type { LongspanError } from "./errors.js";
import { receiptError } from "./session-port.js";

/** Publishes that wait for their receipt. */
export class Publishes {
  readonly #open = new Set<Deferred<undefined>>();

  async publish(send: (receipt: (receipt: Receipt) => void) => void): Promise<void> {
    const open = deferred<undefined>();
    this.#open.add(open);
    const ended = (error: Error | undefined) => {
      this.#open.delete(open);
      if (!error) open.resolve(undefined);
      else open.reject(error);
    };
    try {
      send((receipt) => ended(receiptError(receipt)));
    } catch (error) {
      ended(error as Error);
    }
    await open.promise;
  }

  /** Resolves when all current publishes have an outcome. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#open].map(({ promise }) => promise));
  }

  failAll(error: () => LongspanError): void {
    for (const open of this.#open) open.reject(error());
    this.#open.clear();
  }
}
