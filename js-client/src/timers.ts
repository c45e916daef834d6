/** Source of time; tests replace it. */
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

/** The timers of one owner. `close()` clears them; afterwards no timer runs and none can be set. */
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
    // Zero needs no timer: browsers delay timers of background tabs by a second.
    this.#handles.set(id, ms > 0 ? this.clock.setTimeout(fire, ms) : undefined);
    if (ms <= 0) queueMicrotask(fire);
    return id;
  }

  /** @returns whether the timer was pending */
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
