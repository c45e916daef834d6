import type { AnswerOk, Refusal } from "./codec.js";
import type { Receipt } from "./connection.js";
import type { QueueOptions } from "./consumers.js";
import type { Fate } from "./deliveries.js";
import { ConnectionLostError, NotSentError, RefusedError, type LongspanError } from "./errors.js";
import type { SendData } from "./sends.js";
import type { Timers } from "./timers.js";

/** A command of protocol section 2; fields that are `undefined` are not sent. */
export type ControlCommand =
  | {
      readonly type: "topicSubscribe";
      readonly topics: readonly string[];
      readonly selector?: string;
      readonly durable?: string;
      readonly presence?: boolean;
      /** The last received `JMSMessageID`, by topic. */
      readonly resumeFrom?: Readonly<Record<string, string>>;
    }
  | {
      readonly type: "topicUnsubscribe";
      readonly topics: readonly string[];
      readonly durable?: string;
      readonly forget?: true;
    }
  | { readonly type: "presence"; readonly topics: readonly string[] }
  | ({ readonly type: "queueSubscribe"; readonly queue: string } & QueueOptions)
  | { readonly type: "queueUnsubscribe"; readonly queue: string }
  | ({ readonly deliveries: readonly string[] } & Fate);

/** The port of requests and subscriptions to their session. */
export interface SessionPort {
  /** Whether messages can be sent now; nothing is queued. */
  readonly connected: boolean;
  /** Timers of the current `connect()`; `disconnect()` clears them. */
  readonly timers: Timers;
  nextId(): string;
  /**
   * Sends a message.
   *
   * @throws NotSentError, RefusedError if it cannot be sent at all
   */
  send(data: SendData, receipt: (receipt: Receipt) => void): void;
  control(command: ControlCommand): Promise<AnswerOk>;
}

/** Returns the error for a refusal of the bridge. */
export const refused = ({ errorCode, errorMessage, temporary }: Refusal): RefusedError =>
  new RefusedError(errorCode, errorMessage, temporary);

/** Returns the error for a receipt; `undefined` if the message was sent. */
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
