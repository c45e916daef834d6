import type { AnswerOk, ControlAnswer } from "./codec.js";
import type { Receipt } from "./connection.js";
import { ConnectionLostError, TimedOutError, type LongspanError } from "./errors.js";
import { receiptError, refused } from "./session-port.js";
import type { Timers } from "./timers.js";

interface OpenCommand {
  /** Whether the command may not have reached the bridge. */
  uncertain: boolean;
  send(): void;
  resolve(answer: AnswerOk): void;
  reject(error: LongspanError): void;
}

/** Control messages in flight. Each is in the map until it has its one outcome. */
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
            // The answer may still arrive if the session is resumed.
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

  /** @returns whether a command waited for the answer */
  settle(answer: ControlAnswer): boolean {
    const command = this.#open.get(answer.correlationId);
    if (!command) return false;
    this.#open.delete(answer.correlationId);
    if (answer.ok) command.resolve(answer);
    else command.reject(refused(answer));
    return true;
  }

  /** Sends unconfirmed commands again after the session was resumed. Commands are idempotent. */
  repeat(): void {
    for (const command of this.#open.values()) if (command.uncertain) command.send();
  }

  failAll(error: () => LongspanError): void {
    for (const id of [...this.#open.keys()]) this.#fail(id, error());
  }

  #fail(id: string, error: LongspanError | undefined): void {
    const command = this.#open.get(id);
    if (!command || !error) return;
    this.#open.delete(id);
    command.reject(error);
  }
}
