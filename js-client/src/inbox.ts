import type { Incoming, Notice, SendOutcome } from "./codec.js";
import type { Logger } from "./logger.js";
import type { BridgeMessage } from "./message.js";

/** Receivers of messages on the user channel. */
export interface Receivers {
  /** @returns whether a call waited for it; `part` likewise */
  outcome(outcome: SendOutcome): boolean;
  part(message: BridgeMessage): boolean;
  topic(message: BridgeMessage): void;
  /** Called with a message of a queue, and the handle by which it is acknowledged. */
  queue(message: BridgeMessage, delivery: string): void;
  /** Whether this client created the correlation id. */
  isOwn(correlationId: string): boolean;
  /** Called with an unsolicited message. */
  unasked(message: BridgeMessage): void;
  notice(notice: Notice): void;
}

/** Passes a decoded message to its receiver. */
export function deliver(incoming: Incoming, to: Receivers, logger: Logger): void {
  switch (incoming.kind) {
    case "answer":
      logger.debug("a late answer", incoming.correlationId);
      return;
    case "outcome":
      if (!to.outcome(incoming)) logger.debug("an outcome of no request", incoming);
      return;
    case "message":
      deliverMessage(incoming.message, to, logger);
      return;
    case "notice":
      to.notice(incoming);
      return;
    case "unknown":
      logger.warn("a message that this version does not understand", incoming.data);
  }
}

function deliverMessage(message: BridgeMessage, to: Receivers, logger: Logger): void {
  if (message.topic !== undefined) to.topic(message);
  else if (message.queue !== undefined) to.queue(message, message.delivery ?? "");
  else if (to.part(message)) return;
  else if (to.isOwn(message.correlationId ?? "")) {
    logger.debug("an answer that came too late", message.correlationId);
  } else to.unasked(message);
}
