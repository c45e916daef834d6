package io.longspan.access;

import io.longspan.protocol.BrokerMessage;
import java.util.concurrent.CompletionStage;

/** Sends requests of the bridge itself to JMS queues. */
@FunctionalInterface
public interface RequestSender {

  /**
   * Sends a request; does not block.
   *
   * @param queue JMS queue
   * @param json JSON text of the request
   * @return the answer; the stage fails if none arrives in time
   */
  CompletionStage<BrokerMessage> request(String queue, String json);
}
