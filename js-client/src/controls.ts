import type { AnswerOk, ControlAnswer } from "./codec.js";
import type { Receipt } from "./connection.js";
import { RefusedError, TimedOutError, type LongspanError } from "./errors.js";
import { receiptError } from "./outbox.js";
import type { Timers } from "./timers.js";

interface OpenCommand {
  resolve(answer: AnswerOk): void;
  reject(error: LongspanError): void;
}

/** The control messages that wait for their answer; each is in the map until its one outcome. */
export class Controls {
  readonly #open = new Map<string, OpenCommand>();

  constructor(private readonly timeout: number) {}

  ask(
    what: string,
    id: string,
    timers: Timers,
    send: (receipt: (receipt: Receipt) => void) => void,
  ): Promise<AnswerOk> {
    return new Promise((resolve, reject) => {
      const timer = timers.set(
        () => this.#fail(id, new TimedOutError(`No answer to ${what} in ${this.timeout} ms`)),
        this.timeout,
      );
      const ending =
        <T>(end: (value: T) => void) =>
        (value: T) => {
          timers.clear(timer);
          end(value);
        };
      this.#open.set(id, { resolve: ending(resolve), reject: ending(reject) });
      send((receipt) => {
        const error = receiptError(receipt);
        if (error !== undefined) this.#fail(id, error);
      });
    });
  }

  /** @returns whether somebody waited for it */
  settle(answer: ControlAnswer): boolean {
    const command = this.#open.get(answer.correlationId);
    if (command === undefined) return false;
    this.#open.delete(answer.correlationId);
    if (answer.ok) command.resolve(answer);
    else command.reject(new RefusedError(answer.errorCode, answer.errorMessage));
    return true;
  }

  failAll(error: () => LongspanError): void {
    for (const id of [...this.#open.keys()]) this.#fail(id, error());
  }

  #fail(id: string, error: LongspanError): void {
    const command = this.#open.get(id);
    if (command === undefined) return;
    this.#open.delete(id);
    command.reject(error);
  }
}
