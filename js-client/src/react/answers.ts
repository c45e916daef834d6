import type { Client } from "../client.js";
import type { BridgeMessage } from "../message.js";

interface Entry {
  readonly promise: Promise<BridgeMessage>;
  readonly abort: AbortController;
  users: number;
}

/** Maximum number of answers for components that never mount. */
const MAX_UNUSED = 100;

const ofClient = new WeakMap<Client, Answers>();

/** Answers of one client that components wait for. A component that suspends has no state of its own. */
export class Answers {
  readonly #entries = new Map<string, Entry>();

  static of(client: Client): Answers {
    const answers = ofClient.get(client) ?? new Answers();
    ofClient.set(client, answers);
    return answers;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string, ask: (signal: AbortSignal) => Promise<BridgeMessage>): Promise<BridgeMessage> {
    const known = this.#entries.get(key);
    if (known) return known.promise;
    const abort = new AbortController();
    const promise = ask(abort.signal);
    // A component may never ask for it.
    promise.catch(() => undefined);
    this.#entries.set(key, { promise, abort, users: 0 });
    this.#evict();
    return promise;
  }

  /** Keeps the answer while a component shows it. @returns a function that ends that */
  use(key: string, promise: Promise<BridgeMessage>): () => void {
    const entry = this.#entries.get(key) ?? { promise, abort: new AbortController(), users: 0 };
    this.#entries.set(key, entry);
    entry.users++;
    return () => {
      if (--entry.users > 0) return;
      // Not at once: strict mode mounts each component twice.
      queueMicrotask(() => {
        if (entry.users === 0 && this.#entries.get(key) === entry) this.#entries.delete(key);
      });
    };
  }

  #evict(): void {
    const unused = [...this.#entries].filter(([, { users }]) => users === 0);
    for (const [key, { abort }] of unused.slice(0, Math.max(0, unused.length - MAX_UNUSED))) {
      this.#entries.delete(key);
      abort.abort();
    }
  }
}
