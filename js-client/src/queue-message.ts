import type { Fate } from "./deliveries.js";
import type { JsonValue } from "./json.js";
import { BridgeMessage } from "./message.js";

/** What a message is acknowledged by. @internal */
export interface Settled {
  /** @returns whether the broker has taken it; never rejects */
  settle(fate: Fate): Promise<boolean>;
}

/**
 * A message of a queue that this client consumes. It is acknowledged, released or rejected once;
 * the first call counts.
 *
 * The calls resolve with whether the broker has taken the outcome. `false`: the message is no
 * longer this client's, for example after a new session, an outage of the broker or the entry's
 * `ackTimeout`. It is then delivered again, to this client or another one. They never reject.
 */
export class QueueMessage<B = JsonValue> extends BridgeMessage<B> {
  readonly #delivery: Settled;

  /** @internal */
  constructor(message: BridgeMessage, delivery: Settled) {
    const { body, bodyFormat, properties, replyTo, seq } = message;
    super(body, bodyFormat, properties, replyTo, seq);
    this.#delivery = delivery;
  }

  /** How often the message was delivered, this time included; 0 if the broker does not say. */
  get deliveryCount(): number {
    return Number(this.properties.JMSXDeliveryCount ?? 0);
  }

  /** Acknowledges the message: it is never delivered again. */
  acknowledge(): Promise<boolean> {
    return this.#delivery.settle({ type: "ack" });
  }

  /**
   * Gives the message back to the queue, for anybody.
   *
   * @param options `delay`: milliseconds after which it is delivered again. Default: at once.
   */
  release({ delay }: { readonly delay?: number } = {}): Promise<boolean> {
    return this.#delivery.settle({ type: "release", delay });
  }

  /**
   * Moves the message to the dead letters: nobody can process it.
   *
   * @param reason for people
   */
  reject(reason?: string): Promise<boolean> {
    return this.#delivery.settle({ type: "reject", reason });
  }
}
