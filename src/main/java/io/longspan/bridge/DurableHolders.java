package io.longspan.bridge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.bridge.DurableOperations.Durable;
import io.longspan.bridge.KnownDurables.Known;
import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.catalogue.DurableSubscription;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.Notice;
import io.longspan.protocol.Notice.TopicUnsubscribed.Reason;
import io.longspan.protocol.SendCommand.Headers;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which session has each durable subscription that is in use (protocol section 16, {@code
 * docs/decisions/0076}). The newest session takes it over: from a session of this bridge at once,
 * from another bridge by a claim on the topic {@code bridge/durable-subscriptions}. A bridge that
 * hears a newer claim ends its own subscription. The broker admits one consumer, so the old and the
 * new one never receive at the same time.
 *
 * <p>Called on any thread; never blocks.
 */
final class DurableHolders {
  private static final Logger LOG = LoggerFactory.getLogger(DurableHolders.class);

  private static final String SUBSCRIPTION = "subscription";
  private static final String SINCE = "since";
  private static final String INSTANCE = "instance";
  private static final String DELETES = "deletes";
  private static final String BRIDGE_ID = "bridgeId";

  private final String bridgeId;
  private final MessageBroker broker;
  private final Ticker ticker;
  private final BridgeMetrics metrics;
  private final OwnTopic topic;
  private final ObjectMapper json = new ObjectMapper();

  /** Distinguishes this process from an earlier one with the same bridge id. */
  private final String instance = RandomText.next();

  /** By {@link #key}. */
  private final Map<String, QueueSubscription> holders = new ConcurrentHashMap<>();

  private final KnownDurables known = new KnownDurables();

  /** Whether claims are consumed, which begins with the first durable subscription. */
  private volatile boolean used;

  /** Set once, before the first claim. */
  private volatile QueueSubscriptions subscriptions;

  /**
   * Creates it without holders.
   *
   * @param broker the default broker
   */
  DurableHolders(
      String bridgeId,
      MessageBroker broker,
      Reopenings reopenings,
      Ticker ticker,
      BridgeMetrics metrics) {
    this.bridgeId = bridgeId;
    this.broker = broker;
    this.ticker = ticker;
    this.metrics = metrics;
    this.topic =
        new OwnTopic(
            OwnTopics.DURABLE_SUBSCRIPTIONS,
            bridgeId,
            broker,
            reopenings,
            this::heard,
            consumed -> {});
  }

  void use(QueueSubscriptions all) {
    subscriptions = all;
  }

  private static String key(DurableSubscription subscription) {
    return subscription.topic().broker() + '/' + subscription.name();
  }

  private static String key(QueueSubscription subscription) {
    return key(subscription.durable().orElseThrow());
  }

  /** Returns the time of a claim that is made now, in milliseconds of the broker's clock. */
  long now() {
    return ticker.epochMillis() + broker.clockOffset();
  }

  /**
   * Takes a subscription over from another session of this bridge. {@link #claim} must follow, or
   * the end of the subscription.
   *
   * @return completes when the session of this bridge that had it has ended its consumer
   */
  CompletionStage<Void> take(QueueSubscription newer) {
    begin();
    QueueSubscription older = holders.put(key(newer), newer);
    return older == null ? CompletableFuture.completedFuture(null) : takenOver(older);
  }

  /**
   * Ends the use of a subscription that is going to be deleted.
   *
   * @return completes when the session of this bridge that had it has ended its consumer
   */
  CompletionStage<Void> takeToDelete(DurableSubscription subscription) {
    begin();
    QueueSubscription older = holders.get(key(subscription));
    claimToDelete(subscription);
    return older == null ? CompletableFuture.completedFuture(null) : takenOver(older);
  }

  /** Claims a subscription from other bridges, again if another bridge still has it. */
  void claim(QueueSubscription subscription) {
    if (subscription.isAlive()) {
      claim(subscription.durable().orElseThrow(), subscription.since(), false);
    }
  }

  /** Repeats a claim of a subscription that is going to be deleted. */
  void claimToDelete(DurableSubscription subscription) {
    claim(subscription, now(), true);
  }

  /** Records that the broker has opened a subscription, so that operators can find it. */
  void opened(QueueSubscription subscription) {
    known.put(
        key(subscription),
        new Known(
            subscription.identity().user(),
            subscription.grant().name().value(),
            subscription.given(),
            subscription.durable().orElseThrow(),
            bridgeId,
            ticker.epochMillis()),
        holders::containsKey);
  }

  /** Forgets the use of a subscription that has ended. */
  void ended(QueueSubscription subscription) {
    if (holders.remove(key(subscription), subscription)) {
      known.changed(key(subscription), bridgeId, ticker.epochMillis());
    }
  }

  /** Forgets a subscription that its broker has deleted. */
  void deleted(DurableSubscription subscription) {
    String key = key(subscription);
    if (!holders.containsKey(key)) {
      known.remove(key);
    }
  }

  /** Returns the subscriptions that this bridge has used since its start. */
  List<Durable> known() {
    return known.all().stream().map(this::view).toList();
  }

  private Durable view(Known each) {
    return new Durable(
        each.user(),
        each.topic(),
        each.given(),
        each.subscription().topic().broker(),
        holders.containsKey(key(each.subscription())),
        each.bridge(),
        Instant.ofEpochMilli(each.since()));
  }

  /** Returns one of them by what its user calls it. */
  Optional<DurableSubscription> find(String user, String topicName, String given) {
    return known.find(user, topicName, given).map(Known::subscription);
  }

  private CompletionStage<Void> takenOver(QueueSubscription older) {
    if (!older.isAlive()) {
      return CompletableFuture.completedFuture(null);
    }
    boolean told = !older.isOpening();
    older.takenOver();
    CompletionStage<Void> ended = subscriptions.end(older);
    metrics.durableTakenOver();
    LOG.info("durable subscription taken over by a newer session {}", older);
    if (told) {
      ConnectedClient client = older.client();
      String name = older.topic().value();
      client.tell(new Notice.TopicUnsubscribed(List.of(name), Reason.TAKEN_OVER));
      client.inMailbox(
          () -> {
            client.durables().remove(name, older);
            return null;
          });
    }
    // If the connection is lost, the consumer is gone too.
    return ended.exceptionally(lost -> null);
  }

  private void begin() {
    if (!used) {
      synchronized (this) {
        if (used) {
          return;
        }
        used = true;
      }
      topic.open();
    }
  }

  /** Hears claims again on a new connection, if there are durable subscriptions. */
  void brokerConnected() {
    if (used) {
      topic.open();
    }
  }

  void connectionLost() {
    topic.connectionLost();
  }

  private void claim(DurableSubscription subscription, long since, boolean deletes) {
    Outbound message =
        new Outbound(
            new Outbound.To(topic.destination()),
            Headers.DEFAULT,
            Map.of(BRIDGE_ID, bridgeId, "bodyFormat", "json"),
            new MessageBody.Text(text(subscription, since, deletes), "json"),
            Optional.empty());
    CompletionStage<String> sending;
    try {
      sending = broker.send(message, OwnTopics.DURABLE_SUBSCRIPTIONS);
    } catch (RuntimeException failure) {
      sending = CompletableFuture.failedFuture(failure);
    }
    sending.whenComplete(
        (id, failure) -> {
          if (failure != null) {
            LOG.warn(
                "claim of a durable subscription not sent, it is sent again if another bridge has it"
                    + " bridge={} error={}",
                bridgeId,
                BridgeException.from(failure).toBayeuxError());
          }
        });
  }

  private String text(DurableSubscription subscription, long since, boolean deletes) {
    try {
      return json.writeValueAsString(
          Map.of(
              SUBSCRIPTION, key(subscription), SINCE, since, INSTANCE, instance, DELETES, deletes));
    } catch (JsonProcessingException x) {
      throw new IllegalStateException("a claim holds only texts, a number and a boolean", x);
    }
  }

  /** Reads a claim. Runs on a JMS delivery thread. */
  private void heard(BrokerMessage message) {
    JsonNode claim;
    try {
      claim = json.readTree(message.body() instanceof String text ? text : "");
    } catch (JsonProcessingException x) {
      claim = json.missingNode();
    }
    String other = claim.path(INSTANCE).asText();
    if (!claim.path(SINCE).canConvertToLong() || other.isEmpty()) {
      LOG.warn("claim of a durable subscription is malformed, it is ignored bridge={}", bridgeId);
      return;
    }
    if (other.equals(instance)) {
      return;
    }
    String key = claim.path(SUBSCRIPTION).asText();
    QueueSubscription holder = holders.get(key);
    if (holder == null) {
      usedElsewhere(key, claim, message);
      return;
    }
    long since = claim.path(SINCE).asLong();
    if (since > holder.since() || since == holder.since() && other.compareTo(instance) > 0) {
      takenOver(holder);
      usedElsewhere(key, claim, message);
    } else {
      // The other bridge has the older claim, and has not heard this one.
      claim(holder);
    }
  }

  private void usedElsewhere(String key, JsonNode claim, BrokerMessage message) {
    if (claim.path(DELETES).asBoolean()) {
      known.remove(key);
    } else if (message.properties().get(BRIDGE_ID) instanceof String other) {
      known.changed(key, other, ticker.epochMillis());
    }
  }
}
