import { CancelledError, type LongspanError } from "../errors.js";
import type { BridgeMessage } from "../message.js";
import { errorOf, messageOf, wireError, type Calls, type FromHub, type ToHub } from "./wire.js";

interface Open {
  resolve(value: unknown): void;
  reject(error: Error): void;
  part?(message: BridgeMessage): void;
}

type Args<N extends keyof Calls> = Parameters<Calls[N]>;
type Result<N extends keyof Calls> = ReturnType<Calls[N]>;

/** The calls of a tab to the hub. Each is in the map until its one outcome. */
export class HubCalls {
  readonly #open = new Map<number, Open>();
  #ids = 0;
  #batch: ToHub[] | undefined;

  constructor(private readonly send: (message: ToHub) => void) {}

  /** Returns the id of a call that is about to start. */
  nextId(): number {
    return ++this.#ids;
  }

  call<N extends keyof Calls>(name: N, ...args: Args<N>): Promise<Result<N>> {
    return this.as(this.nextId(), name, ...args);
  }

  as<N extends keyof Calls>(id: number, name: N, ...args: Args<N>): Promise<Result<N>> {
    return this.#start(id, name, args);
  }

  async abortable<N extends keyof Calls>(
    signal: AbortSignal | undefined,
    name: N,
    ...args: Args<N>
  ): Promise<Result<N>> {
    return this.#abortable(signal, (id) => this.#start(id, name, args));
  }

  /** As `abortable`, of a call that is answered in parts. */
  async parts<N extends keyof Calls>(
    part: (message: BridgeMessage) => void,
    signal: AbortSignal | undefined,
    name: N,
    ...args: Args<N>
  ): Promise<Result<N>> {
    return this.#abortable(signal, (id) => this.#start(id, name, args, part));
  }

  async #abortable<T>(
    signal: AbortSignal | undefined,
    start: (id: number) => Promise<T>,
  ): Promise<T> {
    const id = this.nextId();
    const aborted = () =>
      new CancelledError("The request was aborted", { cause: signal?.reason as unknown });
    if (signal?.aborted === true) throw aborted();
    const abort = () => {
      this.#post({ is: "cancel", id });
      this.#take(id)?.reject(aborted());
    };
    signal?.addEventListener("abort", abort);
    try {
      return await start(id);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  #start<N extends keyof Calls>(
    id: number,
    name: N,
    args: Args<N>,
    part?: (message: BridgeMessage) => void,
  ): Promise<Result<N>> {
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve: resolve, reject, part });
      this.#post({ is: "call", id, name, args });
    });
  }

  /** Does a task of the hub, and tells it the outcome. */
  async answer(id: number, run: () => unknown): Promise<void> {
    try {
      const value = await run();
      this.#post({ is: "done", id, value });
    } catch (error) {
      this.#post({ is: "failed", id, error: wireError(error) });
    }
  }

  batch(run: () => void): void {
    if (this.#batch) {
      run();
      return;
    }
    const messages: ToHub[] = (this.#batch = []);
    try {
      run();
    } finally {
      this.#batch = undefined;
      if (messages.length > 0) this.send({ is: "batch", messages });
    }
  }

  received(message: FromHub): void {
    switch (message.is) {
      case "done":
        this.#take(message.id)?.resolve(message.value);
        return;
      case "failed":
        this.#take(message.id)?.reject(errorOf(message.error));
        return;
      case "part":
        this.#open.get(message.id)?.part?.(messageOf(message.message));
    }
  }

  failAll(error: LongspanError): void {
    for (const id of [...this.#open.keys()]) this.#take(id)?.reject(error);
  }

  #take(id: number): Open | undefined {
    const open = this.#open.get(id);
    this.#open.delete(id);
    return open;
  }

  #post(message: ToHub): void {
    if (!this.#batch) this.send(message);
    else this.#batch.push(message);
  }
}
