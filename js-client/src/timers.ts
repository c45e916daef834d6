/** Where time comes from; tests bring their own. */
export interface Clock {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
  now(): number;
}

export const systemClock: Clock = {
  setTimeout: (run, ms) => globalThis.setTimeout(run, ms),
  clearTimeout: (handle) => globalThis.clearTimeout(handle as number),
  now: () => Date.now(),
};

/** The timers of one owner, who can end them all: after `close()` none runs and none can be set. */
export class Timers {
  readonly #handles = new Map<number, unknown>();
  #ids = 0;
  #closed = false;

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.#handles.size;
  }

  set(run: () => void, ms: number): number {
    const id = ++this.#ids;
    if (this.#closed) return id;
    const fire = () => {
      if (this.#handles.delete(id)) run();
    };
    // "At once" goes without a timer: browsers delay the timers of background tabs by a second.
    this.#handles.set(id, ms > 0 ? this.clock.setTimeout(fire, ms) : undefined);
    if (ms <= 0) queueMicrotask(fire);
    return id;
  }

  /** @returns whether it was still to run */
  clear(id: number): boolean {
    const handle = this.#handles.get(id);
    if (handle !== undefined) this.clock.clearTimeout(handle);
    return this.#handles.delete(id);
  }

  close(): void {
    this.#closed = true;
    for (const id of [...this.#handles.keys()]) this.clear(id);
  }
}
