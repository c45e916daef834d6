package io.longspan.bridge;

import io.longspan.access.AccessPolicy;
import io.longspan.access.RightsChange;
import io.longspan.access.SendGrant;
import io.longspan.access.TopicGrant;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.SendPolicy;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Everybody may do everything, under the names that they use, unless a test says otherwise. */
class GrantingPolicy implements AccessPolicy {
  private final Supplier<TopicPolicy> topics;

  /**
   * Creates a policy.
   *
   * @param topics what holds for a topic that is granted now
   */
  GrantingPolicy(Supplier<TopicPolicy> topics) {
    this.topics = topics;
  }

  @Override
  public CompletionStage<SendGrant> maySend(Identity identity, DestinationName name) {
    return CompletableFuture.completedFuture(
        new SendGrant(BrokerDestination.queue(name.value()), SendPolicy.DEFAULT));
  }

  @Override
  public CompletionStage<TopicGrant> maySubscribe(Identity identity, DestinationName name) {
    return CompletableFuture.completedFuture(TestClients.grant(name.value(), topics.get()));
  }

  @Override
  public CompletionStage<TopicGrant> mayStay(Identity identity, DestinationName name) {
    return maySubscribe(identity, name);
  }

  @Override
  public boolean stillSeesPresence(Identity identity, DestinationName name) {
    return true;
  }

  @Override
  public boolean isCurrent(Identity identity, TopicGrant grant) {
    return true;
  }

  @Override
  public void changed(RightsChange change) {}
}
