package io.longspan.security;

import io.longspan.protocol.BrokerDestination;
import io.longspan.protocol.DestinationName;
import java.util.concurrent.CompletionStage;

/**
 * Decides what an identity may reach, and under which JMS name. It fails closed: a denial, an
 * unknown name, a timeout and a fault all end in the same {@code notAuthorized}.
 *
 * <p>Called on command threads; it never blocks. A decision may complete on any thread.
 */
public interface AccessPolicy {

  /**
   * Decides about sending.
   *
   * @return the destination, or a failed stage with {@code BridgeException}
   */
  CompletionStage<BrokerDestination> maySend(Identity identity, DestinationName name);

  /**
   * Decides about subscribing.
   *
   * @param name a topic, or a pattern of topics
   * @return the grant, or a failed stage with {@code BridgeException}
   */
  CompletionStage<TopicGrant> maySubscribe(Identity identity, DestinationName name);
}
