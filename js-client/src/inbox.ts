import type {
  BridgeStatus,
  Gap,
  Incoming,
  Notice,
  QueuesRevoked,
  SendOutcome,
  TopicsRevoked,
} from "./codec.js";
import type { Logger } from "./logger.js";
import type { BridgeMessage } from "./message.js";
import type { PresenceEnded, PresenceNotice } from "./presence.js";

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
  revoked(event: TopicsRevoked): void;
  queuesRevoked(event: QueuesRevoked): void;
  gap(event: Gap): void;
  presence(notice: PresenceNotice): void;
  presenceEnded(event: PresenceEnded): void;
  bridgeStatus(event: BridgeStatus): void;
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
      deliverNotice(incoming, to);
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

function deliverNotice(notice: Notice, to: Receivers): void {
  switch (notice.type) {
    case "topicUnsubscribed":
      to.revoked({ topics: notice.topics, reason: notice.reason });
      return;
    case "queueUnsubscribed":
      to.queuesRevoked({ queues: notice.queues, reason: notice.reason });
      return;
    case "gap":
      to.gap({ topics: notice.topics, reason: notice.reason });
      return;
    case "presence":
      to.presence(notice);
      return;
    case "presenceEnded":
      to.presenceEnded({ topics: notice.topics, reason: notice.reason });
      return;
    case "bridgeStatus":
      to.bridgeStatus({
        status: notice.status,
        ...(notice.broker === undefined ? {} : { broker: notice.broker }),
      });
  }
}
