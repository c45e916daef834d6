package io.longspan.access;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.DestinationDescription;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Decides which destinations a user may reach, and maps logical names to JMS names (protocol
 * sections 10 and 11).
 *
 * <p>It fails closed: only a positive decision completes a stage normally. A decision is made again
 * if a change of rights affects it before it completes.
 *
 * <p>Called on command threads. It never blocks. A decision may complete on any thread.
 */
public interface AccessPolicy {

  /**
   * Decides whether a user may send to a destination.
   *
   * @param name a queue or a topic, without wildcards
   * @return the grant; or a stage that fails with {@code BridgeException}: {@code notAuthorized},
   *     {@code limitExceeded} if too many questions wait, {@code brokerUnavailable} while changes
   *     of rights cannot be received, or {@code internalError}
   */
  CompletionStage<SendGrant> maySend(Identity identity, DestinationName name);

  /**
   * Decides whether a user may begin a subscription.
   *
   * @param name a topic, or a pattern of topics
   * @return the grant; or a stage that fails with {@code BridgeException}, with the same codes as
   *     {@link #maySend}
   */
  CompletionStage<TopicGrant> maySubscribe(Identity identity, DestinationName name);

  /**
   * Decides whether an existing subscription may continue.
   *
   * @param name a topic, or a pattern of topics
   * @return the grant at present; or a stage that fails with {@code BridgeException}: {@code
   *     notAuthorized} if the right is gone, {@code brokerUnavailable} if the authorisation service
   *     did not answer, {@code limitExceeded} if the question could not be asked
   */
  CompletionStage<TopicGrant> mayStay(Identity identity, DestinationName name);

  /**
   * Returns why a decision of {@link #mayStay} is in progress. True if it waits for capacity of the
   * bridge, or until changes of rights can be received. False if it waits for the authorisation
   * service.
   */
  default boolean isHeldUp(Identity identity, DestinationName name) {
    return false;
  }

  /**
   * Returns the topics that the bridge is always subscribed to, for no user (protocol section 17).
   * Called on any thread.
   */
  default List<TopicGrant> alwaysKept() {
    return List.of();
  }

  /**
   * Decides whether a user may see who is subscribed to a topic (protocol section 18).
   *
   * @param name a topic, without wildcards
   * @return the JMS topic; or a stage that fails with {@code BridgeException}, with the same codes
   *     as {@link #maySubscribe}
   */
  default CompletionStage<BrokerDestination> maySeePresence(
      Identity identity, DestinationName name) {
    return CompletableFuture.failedFuture(BridgeException.notAuthorized());
  }

  /**
   * Returns whether a user who may subscribe to a topic, and could see who is subscribed, still
   * can. Called on any thread; never blocks.
   */
  default boolean stillSeesPresence(Identity identity, DestinationName name) {
    return false;
  }

  /**
   * Returns what a user may do without asking anybody (protocol section 18), in the order of the
   * catalogue. Called on any thread.
   */
  default List<DestinationDescription> describe(Identity identity) {
    return List.of();
  }

  /**
   * Decides whether a user may begin to consume a queue, or may have durable subscriptions of a
   * topic (protocol sections 15 and 16).
   *
   * @param name a queue or a topic, without wildcards
   * @param kind whether it must be a queue or a topic
   * @return the grant; or a stage that fails with {@code BridgeException}, with the same codes as
   *     {@link #maySend}
   */
  default CompletionStage<QueueGrant> mayReceive(
      Identity identity, DestinationName name, Kind kind) {
    return CompletableFuture.failedFuture(BridgeException.notAuthorized());
  }

  /**
   * Decides whether a user may keep what {@link #mayReceive} has granted.
   *
   * @return the grant at present; or a stage that fails as that of {@link #mayStay}
   */
  default CompletionStage<QueueGrant> mayKeepReceiving(
      Identity identity, DestinationName name, Kind kind) {
    return mayReceive(identity, name, kind);
  }

  /** Returns whether only an event revokes what {@link #mayReceive} has granted. */
  default boolean needsEventsToReceive(Identity identity, DestinationName name, Kind kind) {
    return false;
  }

  /** Returns whether no change of rights since the grant was decided affects it. */
  default boolean isCurrent(Identity identity, QueueGrant grant) {
    return false;
  }

  /** Returns whether no change of rights since the grant was decided affects it. */
  boolean isCurrent(Identity identity, TopicGrant grant);

  /**
   * Records the roles that a user presents. It must be called before any decision for these roles:
   * a role that appears later gives no access to messages retained before. Called on any thread.
   */
  default void saw(Identity identity) {}

  /**
   * Records whether changes of rights can be received; initially they cannot. While they cannot,
   * decisions that need the authorisation service fail: {@link #mayStay} with {@code
   * limitExceeded}, the others with {@code brokerUnavailable}.
   */
  default void hearsChanges(boolean heard) {}

  /**
   * Returns whether a right to a topic comes from the authorisation service, so that only an event
   * revokes it.
   */
  default boolean needsEvents(Identity identity, DestinationName name) {
    return false;
  }

  /**
   * Applies a change of rights: decisions that it affects are not used again. Called on any thread;
   * does not block.
   */
  void changed(RightsChange change);
}
