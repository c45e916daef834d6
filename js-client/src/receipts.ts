import { decodeBayeuxError } from "./codec.js";
import type { Message } from "./bayeux-message.js";
import type { Receipt } from "./connection.js";

/** What the bridge adds to the reply of a refused publish. Any JSON can be read as this type. */
type RefusalExt = { readonly bridge?: { readonly temporary?: unknown } } | undefined;

/** Outcomes of the publishes of one connection. */
export class Receipts {
  /** Ids of messages that were written to the network and have no reply yet. */
  readonly #written = new Set<string>();
  readonly #expected = new Set<(receipt: Receipt) => void>();

  /** Whether nothing is in flight. */
  get idle(): boolean {
    return this.#expected.size === 0;
  }

  /** @returns a function for the reply, or for the failure of the transport */
  expect(receipt: (receipt: Receipt) => void): (reply: Message) => void {
    const once = (outcome: Receipt) => {
      if (this.#expected.delete(once)) receipt(outcome);
    };
    this.#expected.add(once);
    return (reply) => once(this.#read(reply));
  }

  written(messages: readonly Message[]): void {
    for (const { id, channel } of messages) {
      if (id !== undefined && !channel.startsWith("/meta/")) this.#written.add(id);
    }
  }

  /** Fails everything in flight, because what is queued is discarded when the session is lost. */
  sessionLost(): void {
    for (const end of [...this.#expected]) {
      end({ kind: "unknown", message: "The session was lost" });
    }
    this.#written.clear();
  }

  clear(): void {
    this.#expected.clear();
    this.#written.clear();
  }

  #read({ id = "", successful, failure, error, ext }: Message): Receipt {
    const written = this.#written.delete(id);
    if (successful === true) return { kind: "sent" };
    if (failure) {
      const message = failure.reason || "The connection broke";
      return { kind: written ? "unknown" : "notSent", message };
    }
    const { code, message } = decodeBayeuxError(error);
    // 402 is Bayeux's "unknown session": the bridge has not processed the message.
    if (code === "402") return { kind: "notSent", message: "The session was lost" };
    return {
      kind: "refused",
      errorCode: code === "403" ? "notAuthorized" : code,
      errorMessage: message,
      temporary: (ext as RefusalExt)?.bridge?.temporary === true,
    };
  }
}
