import type { AnswerOk, ControlAnswer } from "./codec.js";
import type { Receipt } from "./connection.js";
import { ConnectionLostError, TimedOutError, type LongspanError } from "./errors.js";
import { receiptError, refused } from "./outbox.js";
import type { Timers } from "./timers.js";

interface OpenCommand {
  /** Whether it is not known to have reached the bridge. */
  uncertain: boolean;
  send(): void;
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
      const timer = timers.set(() => {
        const message = `No answer to ${what} in ${this.timeout} ms`;
        const lost = this.#open.get(id)?.uncertain === true;
        this.#fail(id, lost ? new ConnectionLostError(message) : new TimedOutError(message));
      }, this.timeout);
      const ending =
        <T>(end: (value: T) => void) =>
        (value: T) => {
          timers.clear(timer);
          end(value);
        };
      const command: OpenCommand = {
        uncertain: false,
        send: () => {
          command.uncertain = false;
          send((receipt) => {
            // The answer may still come, by a session that is resumed.
            if (receipt.kind === "unknown") command.uncertain = true;
            else this.#fail(id, receiptError(receipt));
          });
        },
        resolve: ending(resolve),
        reject: ending(reject),
      };
      this.#open.set(id, command);
      command.send();
    });
  }

  /** @returns whether somebody waited for it */
  settle(answer: ControlAnswer): boolean {
    const command = this.#open.get(answer.correlationId);
    if (command === undefined) return false;
    this.#open.delete(answer.correlationId);
    if (answer.ok) command.resolve(answer);
    else command.reject(refused(answer));
    return true;
  }

  /** The session goes on: what it has not answered may never have reached it. A command does no more if it comes twice. */
  repeat(): void {
    for (const command of this.#open.values()) if (command.uncertain) command.send();
  }

  failAll(error: () => LongspanError): void {
    for (const id of [...this.#open.keys()]) this.#fail(id, error());
  }

  #fail(id: string, error: LongspanError | undefined): void {
    const command = this.#open.get(id);
    if (command === undefined || error === undefined) return;
    this.#open.delete(id);
    command.reject(error);
  }
}
