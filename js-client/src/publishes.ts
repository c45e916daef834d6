import type { Receipt } from "./connection.js";
import type { LongspanError } from "./errors.js";
import { receiptError } from "./outbox.js";

/** The publishes that wait for their receipt. */
export class Publishes {
  readonly #open = new Set<(error: Error) => void>();

  publish(send: (receipt: (receipt: Receipt) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#open.add(reject);
      const ended = (error: Error | undefined) => {
        this.#open.delete(reject);
        if (error === undefined) resolve();
        else reject(error);
      };
      try {
        send((receipt) => ended(receiptError(receipt)));
      } catch (error) {
        ended(error as Error);
      }
    });
  }

  failAll(error: () => LongspanError): void {
    for (const reject of this.#open) reject(error());
    this.#open.clear();
  }
}
