package io.longspan.bridge;

import io.longspan.bridge.MessageBroker.NamedReplyDestination;
import io.longspan.catalogue.BrokerDestination;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A reply destination whose consumer serves many clients. Nothing ends with the client that has it.
 */
record SharedReplyDestination(BrokerDestination destination) implements NamedReplyDestination {
  @Override
  public CompletionStage<Void> close() {
    return CompletableFuture.completedFuture(null);
  }

  /** Never completes: the owner of the consumer handles its loss. */
  @Override
  public CompletionStage<Void> lost() {
    return new CompletableFuture<>();
  }
}
