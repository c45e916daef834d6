import { decodeBayeuxError } from "./codec.js";
import type { Message } from "./cometd.js";
import type { Receipt } from "./connection.js";

/** What the bridge adds to the reply of a publish that it refuses; any JSON is safe to read as it. */
type RefusalExt = { readonly bridge?: { readonly temporary?: unknown } } | undefined;

/** What became of the publishes of one connection. */
export class Receipts {
  /** Ids of messages that were written to the network and have no reply yet. */
  readonly #written = new Set<string>();
  readonly #expected = new Set<(receipt: Receipt) => void>();

  /** Whether nothing is under way. */
  get idle(): boolean {
    return this.#expected.size === 0;
  }

  /** @returns takes the reply, or what CometD says in its place */
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

  /** CometD forgets what it had queued in a session that is lost. */
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
    if (failure !== undefined) {
      const message = failure.reason || "The connection broke";
      return { kind: written ? "unknown" : "notSent", message };
    }
    const { code, message } = decodeBayeuxError(error);
    // 402 is Bayeux' "unknown session": the bridge has not looked at the message.
    if (code === "402") return { kind: "notSent", message: "The session was lost" };
    return {
      kind: "refused",
      errorCode: code === "403" ? "notAuthorized" : code,
      errorMessage: message,
      temporary: (ext as RefusalExt)?.bridge?.temporary === true,
    };
  }
}
