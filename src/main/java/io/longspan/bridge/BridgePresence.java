package io.longspan.bridge;

import io.longspan.access.AccessPolicy;
import io.longspan.access.TopicGrant;
import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.concurrent.InternalErrors;
import io.longspan.presence.PresenceChange.Transition;
import io.longspan.presence.PresenceDirectory;
import io.longspan.presence.PresenceTopic;
import io.longspan.presence.PresenceView;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.PayloadEncoder;
import io.longspan.protocol.SendCommand.Headers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Presence on topics, as this bridge takes part in it (protocol section 18): it announces its own
 * clients on {@code bridge/presence}, and listens to the other bridges there. It begins with the
 * first client that needs it, so that other bridges do nothing for it.
 *
 * <p>Called on any thread; never blocks. The lock guards {@code active} and {@code settled}, and
 * nothing is called under it.
 */
final class BridgePresence {
  /** How often changes are announced and told, in milliseconds. */
  static final long PERIOD = 250;

  /** After this time with a connection the other bridges have answered, in milliseconds. */
  static final long SETTLING = 1000;

  /** Maximum number of users on topics that other bridges may announce. */
  static final int MAX_REMOTE_ENTRIES = 200_000;

  /** Estimated heap of a user on a topic of another bridge, in bytes. */
  private static final long ENTRY_BYTES = 512;

  private static final Logger LOG = LoggerFactory.getLogger(BridgePresence.class);
  private static final long LOG_PERIOD = 1000;

  private final String bridgeId;
  private final MessageBroker broker;
  private final AccessPolicy accessPolicy;
  private final MemoryBudget memory;
  private final BridgeMetrics metrics;
  private final Executor commandPool;
  private final Scheduler scheduler;
  private final Ticker ticker;
  private final String instance = RandomText.next();
  private final PresenceDirectory directory = new PresenceDirectory(instance, MAX_REMOTE_ENTRIES);
  private final OwnTopic topic;
  private final PresenceWatches watches;

  /** The subscriptions that are counted. */
  private final Set<ClientSubscription> present = ConcurrentHashMap.newKeySet();

  private final AtomicLong nextLine = new AtomicLong(Long.MIN_VALUE);

  /** Owned by the task that is run periodically. */
  private long charged;

  private boolean active;

  /** Completes when the other bridges are known; failed while they cannot be heard. */
  private CompletableFuture<Void> settled = unavailable();

  private volatile boolean closed;

  BridgePresence(
      String bridgeId,
      MessageBroker broker,
      AccessPolicy accessPolicy,
      Reopenings reopenings,
      MemoryBudget memory,
      PayloadEncoder encoder,
      BridgeMetrics metrics,
      Executor commandPool,
      Scheduler scheduler,
      Ticker ticker) {
    this.bridgeId = bridgeId;
    this.broker = broker;
    this.accessPolicy = accessPolicy;
    this.memory = memory;
    this.metrics = metrics;
    this.commandPool = commandPool;
    this.scheduler = scheduler;
    this.ticker = ticker;
    this.watches = new PresenceWatches(encoder);
    this.topic =
        new OwnTopic(
            OwnTopics.PRESENCE,
            bridgeId,
            broker,
            reopenings,
            this::received,
            heard -> {
              if (heard) {
                heard();
              } else {
                unheard();
              }
            });
  }

  private static <T> CompletableFuture<T> unavailable() {
    return CompletableFuture.failedFuture(BridgeException.brokerUnavailable(null));
  }

  private static PresenceTopic topicOf(ClientSubscription subscription) {
    TopicGrant grant = subscription.key().grant();
    return new PresenceTopic(grant.name().value(), grant.destination().name());
  }

  /** Counts a subscription whose delivery has begun, if its entry has presence. */
  void joined(ClientSubscription subscription) {
    if (!subscription.policy().presence() || subscription.topic().pattern()) {
      return;
    }
    count(subscription);
  }

  private void count(ClientSubscription subscription) {
    activate();
    directory.joined(topicOf(subscription), subscription.identity().user());
    present.add(subscription);
    if (!subscription.isAlive()) {
      // It has ended meanwhile: left() may have come too early.
      left(subscription);
    }
  }

  /** Discounts a subscription that has ended. Idempotent. */
  void left(ClientSubscription subscription) {
    if (present.remove(subscription)) {
      watches.remove(topicOf(subscription), subscription);
      directory.left(topicOf(subscription), subscription.identity().user());
    }
  }

  /**
   * Tells the client of a subscription from now on who joins and leaves. The client may see it.
   * Runs as a command of the client's mailbox.
   */
  void watch(ClientSubscription subscription) {
    if (!present.contains(subscription)) {
      // It began while its entry had no presence.
      count(subscription);
    }
    PresenceTopic watched = topicOf(subscription);
    synchronized (watches) {
      watches.add(watched, new PresenceWatch(subscription, directory.lastTransition()));
    }
    if (!present.contains(subscription)) {
      watches.remove(watched, subscription);
    }
    checkRight(subscription);
  }

  /**
   * Ends the watch of a subscription if the client may not see presence any more. Must be called
   * when rights have changed, and the right to the subscription itself is confirmed.
   */
  void checkRight(ClientSubscription subscription) {
    PresenceTopic watched = topicOf(subscription);
    if (watches.contains(watched, subscription)
        && !accessPolicy.stillSeesPresence(
            subscription.client().identity(), subscription.topic())) {
      PresenceWatch watch = watches.remove(watched, subscription);
      if (watch != null) {
        watch.revoke();
      }
    }
  }

  /**
   * Returns a stage that completes when the other bridges are known; fails with {@code
   * brokerUnavailable} while they cannot be heard.
   */
  CompletionStage<Void> settled() {
    activate();
    synchronized (this) {
      return settled;
    }
  }

  /** Returns who is present on a topic, over all bridges. */
  PresenceView view(PresenceTopic wanted, int maxUsers, long maxCharacters) {
    return directory.view(wanted, maxUsers, maxCharacters);
  }

  private void activate() {
    boolean connected = broker.isConnected();
    synchronized (this) {
      if (active) {
        return;
      }
      active = true;
      if (connected) {
        settled = new CompletableFuture<>();
      }
    }
    if (connected) {
      topic.open();
    }
    scheduler.schedule(this::runSoon, PERIOD);
  }

  /** Opens the topic on a new connection, if presence is used. */
  void brokerConnected() {
    synchronized (this) {
      if (!active) {
        return;
      }
    }
    topic.open();
  }

  void connectionLost() {
    topic.connectionLost();
    unheard();
  }

  private void heard() {
    CompletableFuture<Void> settling;
    synchronized (this) {
      if (settled.isDone()) {
        settled = new CompletableFuture<>();
      }
      settling = settled;
    }
    directory.heard(ticker.millis());
    scheduler.schedule(() -> settling.complete(null), SETTLING);
  }

  private void unheard() {
    directory.unheard();
    CompletableFuture<Void> settling;
    synchronized (this) {
      settling = settled;
      settled = unavailable();
    }
    settling.completeExceptionally(BridgeException.brokerUnavailable(null));
  }

  /** Handles a message of any bridge. Runs on a JMS delivery thread. */
  private void received(BrokerMessage message) {
    if (message.text("instance").filter(instance::equals).isPresent()) {
      return;
    }
    if (message.tooLarge()
        || message.bodyFormat() != null
        || !(message.body() instanceof String text)
        || !directory.receive(text, ticker.millis())) {
      metrics.presenceMessageDiscarded();
      long now = ticker.millis();
      long due = nextLine.get();
      if (now >= due && nextLine.compareAndSet(due, now + LOG_PERIOD)) {
        LOG.warn(
            "presence message discarded, it is malformed or announces too much bridge={} id={}",
            bridgeId,
            message.messageId().orElse("none"));
      }
    }
  }

  private void runSoon() {
    if (!closed) {
      commandPool.execute(
          () -> {
            InternalErrors.guard("the announcement of presence", this::run);
            scheduler.schedule(this::runSoon, PERIOD);
          });
    }
  }

  private void run() {
    directory.due(ticker.millis()).forEach(this::send);
    Map<PresenceTopic, List<Transition>> transitions;
    // A watch that begins meanwhile is told either of these, or knows them.
    synchronized (watches) {
      transitions = directory.takeTransitions();
    }
    watches.tell(transitions);
    long bytes = directory.remoteEntries() * ENTRY_BYTES;
    if (bytes > charged) {
      memory.process().charge(Purpose.PRESENCE, bytes - charged);
    } else {
      memory.process().release(Purpose.PRESENCE, charged - bytes);
    }
    charged = bytes;
  }

  private void send(String text) {
    Outbound message =
        new Outbound(
            new Outbound.To(topic.destination()),
            Headers.DEFAULT,
            Map.of("bridgeId", bridgeId, "instance", instance, "bodyFormat", "json"),
            new MessageBody.Text(text, "json"),
            Optional.empty());
    CompletionStage<String> sending;
    try {
      sending = broker.send(message, "presence");
    } catch (RuntimeException failure) {
      sending = CompletableFuture.failedFuture(failure);
    }
    sending.whenComplete(
        (id, failure) -> {
          if (failure != null) {
            directory.unsent();
            LOG.warn(
                "presence not announced, it is announced again bridge={} error={}",
                bridgeId,
                BridgeException.from(
                        failure, x -> InternalErrors.report("the announcement of presence", x))
                    .toBayeuxError());
          }
        });
  }

  /** Announces that this bridge stops. Idempotent. */
  void close() {
    boolean wasActive;
    synchronized (this) {
      wasActive = active && !closed;
      closed = true;
    }
    if (wasActive) {
      send(directory.close());
    }
  }
}
