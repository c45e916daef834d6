import type { Logger } from "./logger.js";

/** Typed events. An exception in a listener is logged; the other listeners are still called. */
export class Events<E extends object> {
  readonly #listeners = new Map<keyof E, Set<(event: never) => void>>();

  constructor(private readonly logger: Logger) {}

  /** @returns a function that removes the listener */
  on<K extends keyof E>(name: K, listener: (event: E[K]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    // A new function, so that the same listener can be added twice and each removed alone.
    const entry = (event: E[K]): void => listener(event);
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }

  count(name: keyof E): number {
    return this.#listeners.get(name)?.size ?? 0;
  }

  emit<K extends keyof E>(name: K, event: E[K]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      callSafely(listener as (event: E[K]) => void, event, this.logger);
    }
  }
}

export function callSafely<T>(listener: (value: T) => void, value: T, logger: Logger): void {
  try {
    listener(value);
  } catch (error) {
    logger.error("a listener threw", error);
  }
}
