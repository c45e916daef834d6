import type { Logger } from "./logger.js";

/** Typed events. A listener that throws is reported and does not keep the others from being called. */
export class Events<E extends object> {
  readonly #listeners = new Map<keyof E, Set<(event: never) => void>>();

  constructor(private readonly logger: Logger) {}

  /** @returns a function that ends it */
  on<K extends keyof E>(name: K, listener: (event: E[K]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    // A function of its own, so that the same listener can be added twice and each ended alone.
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
