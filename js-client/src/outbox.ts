import type { AnswerOk, Refusal } from "./codec.js";
import type { Receipt } from "./connection.js";
import { ConnectionLostError, NotSentError, RefusedError, type LongspanError } from "./errors.js";
import type { SendData } from "./sends.js";
import type { Timers } from "./timers.js";

export type ControlCommand =
  | {
      readonly type: "topicSubscribe";
      readonly topics: readonly string[];
      readonly selector?: string;
      /** The JMSMessageID that was last seen, by topic. */
      readonly resumeFrom?: Readonly<Record<string, string>>;
    }
  | { readonly type: "topicUnsubscribe"; readonly topics: readonly string[] };

/** What requests and subscriptions need of the session they live in. */
export interface Outbox {
  /** Whether something can be sent now. Nothing is queued for later. */
  readonly connected: boolean;
  /** Those of the present `connect()`; `disconnect()` ends them. */
  readonly timers: Timers;
  nextId(): string;
  /** @throws NotSentError, RefusedError if it can't even be tried */
  send(data: SendData, receipt: (receipt: Receipt) => void): void;
  control(command: ControlCommand): Promise<AnswerOk>;
}

/** The error that a refusal of the bridge means. */
export const refused = ({ errorCode, errorMessage, temporary }: Refusal): RefusedError =>
  new RefusedError(errorCode, errorMessage, temporary);

/** The error that a receipt means, if any. */
export function receiptError(receipt: Receipt): LongspanError | undefined {
  switch (receipt.kind) {
    case "sent":
      return undefined;
    case "refused":
      return refused(receipt);
    case "notSent":
      return new NotSentError(receipt.message);
    case "unknown":
      return new ConnectionLostError(receipt.message);
  }
}
