import { NotSentError } from "./errors.js";
import type { Logger } from "./logger.js";
import type { SessionPort } from "./session-port.js";

/** What becomes of a delivery (protocol section 15). */
export type Fate =
  | { readonly type: "ack" }
  | { readonly type: "release"; readonly delay?: number }
  | { readonly type: "reject"; readonly reason?: string };

/** A message that the bridge wants to have acknowledged. Its first fate counts. */
export class Delivery {
  #settled: Promise<boolean> | undefined;
  /** Whether it was acknowledged here; the bridge may not have got it. */
  acknowledged = false;

  constructor(
    readonly handle: string,
    private readonly owner: Deliveries,
  ) {}

  /** Whether it belongs to an earlier session. */
  get isVoid(): boolean {
    return !this.#settled && !this.owner.has(this);
  }

  /** @returns whether the broker has taken it; false if the delivery is void. Never rejects. */
  settle(fate: Fate): Promise<boolean> {
    this.acknowledged ||= !this.#settled && fate.type === "ack";
    return (this.#settled ??= this.owner.settle(this, fate));
  }
}

interface Waiting {
  readonly delivery: Delivery;
  readonly fate: Fate;
  readonly resolve: (taken: boolean) => void;
}

/**
 * Deliveries of this session that are not acknowledged. Those that are settled while there is no
 * connection wait until the session is resumed. A new session makes all of them void.
 */
export class Deliveries {
  readonly #open = new Set<Delivery>();
  #waiting: Waiting[] = [];

  constructor(
    private readonly session: SessionPort,
    private readonly logger: Logger,
    /** Called when no delivery is left. */
    private readonly idle: () => void,
  ) {}

  get size(): number {
    return this.#open.size;
  }

  /** The handles whose acknowledgement the bridge may not have got. */
  get unconfirmed(): readonly string[] {
    return [...this.#open].filter((each) => each.acknowledged).map(({ handle }) => handle);
  }

  add(handle: string): Delivery {
    const delivery = new Delivery(handle, this);
    this.#open.add(delivery);
    return delivery;
  }

  has(delivery: Delivery): boolean {
    return this.#open.has(delivery);
  }

  settle(delivery: Delivery, fate: Fate): Promise<boolean> {
    if (!this.#open.has(delivery)) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#waiting.push({ delivery, fate, resolve });
      // What is settled in one task is sent together.
      if (this.#waiting.length === 1) queueMicrotask(() => this.send());
    });
  }

  /** Sends what waits; called when the session is resumed. */
  send(): void {
    if (!this.session.connected) return;
    const groups = new Map<string, Waiting[]>();
    for (const each of this.#waiting) {
      const key = JSON.stringify(each.fate);
      groups.set(key, [...(groups.get(key) ?? []), each]);
    }
    this.#waiting = [];
    for (const group of groups.values()) void this.#send(group);
  }

  /** The session is gone: all deliveries are void. */
  lost(): void {
    this.#open.clear();
    for (const { resolve } of this.#waiting.splice(0)) resolve(false);
  }

  async #send(group: readonly Waiting[]): Promise<void> {
    const deliveries = group.map(({ delivery }) => delivery.handle);
    let failed: readonly string[] = deliveries;
    try {
      const [{ fate } = { fate: { type: "ack" } as Fate }] = group;
      const { failedDeliveries = [] } = await this.session.control({ ...fate, deliveries });
      failed = failedDeliveries;
    } catch (error) {
      if (error instanceof NotSentError && group.some(({ delivery }) => this.#open.has(delivery))) {
        this.#waiting.push(...group);
        return;
      }
      this.logger.info("deliveries were not settled", error);
    }
    for (const { delivery, resolve } of group) {
      this.#open.delete(delivery);
      resolve(!failed.includes(delivery.handle));
    }
    if (this.#open.size === 0) this.idle();
  }
}
