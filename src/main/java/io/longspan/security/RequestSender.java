package io.longspan.security;

import io.longspan.protocol.BrokerMessage;
import java.util.concurrent.CompletionStage;

/** Sends a request of the bridge itself to a JMS queue. */
@FunctionalInterface
public interface RequestSender {

  /**
   * Sends a request; does not block.
   *
   * @param queue the JMS queue
   * @param json the request's JSON text
   * @return the answer, or a failed stage where none came in time
   */
  CompletionStage<BrokerMessage> request(String queue, String json);
}
