package io.longspan.runtime;

import io.longspan.audit.QueuedAuditLog;
import io.longspan.bayeux.HandshakeQueue;
import io.longspan.bayeux.OpenSockets;
import io.longspan.bayeux.SocketEnd;
import io.longspan.bridge.AuthorizationQueue;
import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.bridge.BridgeMetrics;
import io.longspan.bridge.BrokerStatus;
import io.longspan.bridge.DeliveryOutcome;
import io.longspan.bridge.Shedding;
import io.longspan.bridge.SnapshotEnd;
import io.longspan.bridge.Undelivered;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.concurrent.InternalErrors;
import io.longspan.jms.forward.Forwarding;
import io.longspan.local.broker.LocalBroker;
import io.longspan.local.broker.LocalOutcome;
import io.longspan.protocol.ErrorCode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import io.prometheus.metrics.tracer.common.SpanContext;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/**
 * Prometheus meters for the metrics of the core; {@code docs/operations.md} lists them. Events may
 * come on any thread.
 */
public final class BridgeMeterBinder extends ScrapedMeters implements BridgeMetrics {
  /** Counters of rejections before there is a session, by the reason that operators see. */
  private static final Map<String, String> REFUSED_BEFORE_A_SESSION =
      Map.of(
          "password", "longspan.passwords.throttled",
          "token", "longspan.tokens.refused",
          "connection", "longspan.connections.refused",
          "memory", "longspan.budget.refused",
          "webSocket", "longspan.websockets.ended");

  private final Counter sent =
      counter("longspan.messages.sent", "Client messages that the broker accepted");
  private final Counter topicMessages =
      counter("longspan.topic.messages", "Messages received from subscribed topics");
  private final Counter topicDeliveries =
      counter("longspan.topic.deliveries", "Topic messages times their receivers");
  private final Counter clientMessages =
      counter("longspan.client.messages", "Messages received on clients' temporary topics");
  private final Counter stripped =
      counter(
          "longspan.properties.stripped",
          "Properties of clients that were removed: reserved, or an invalid trace context");
  private final Counter uncovered =
      counter("longspan.topic.uncovered", "Messages of patterns that no grant covered");
  private final Counter unknownAnswers =
      counter(
          "longspan.answers.unknown",
          "Answers discarded because their reply address or correlation id belongs to no client");
  private final Counter malformedEnvelopes =
      counter(
          "longspan.envelopes.malformed",
          "Messages of services without the envelope of their catalogue entry");
  private final Counter answersWithoutRequest =
      counter("longspan.answers.unmatched", "Answers that no request waited for");
  private final Counter slowClients =
      counter("longspan.clients.slow", "Clients terminated because they did not keep up");
  private final Counter evictedTopics =
      counter("longspan.retained.evicted", "Topics whose retained messages were evicted");
  private final Counter dropped =
      counter("longspan.topic.dropped", "Topic messages discarded: slow client or expired");
  private final Counter resumed =
      counter("longspan.sessions.resumed", "Resume requests that succeeded");
  private final Counter notResumed =
      counter("longspan.sessions.unresumable", "Resume requests that failed");
  private final Counter revocations =
      counter("longspan.subscriptions.revoked", "Subscriptions ended because the right was lost");
  private final Counter discardedPresence =
      counter("longspan.presence.discarded", "Messages about presence that were discarded");
  private final Counter durableTakeOvers =
      counter(
          "longspan.durable.taken.over",
          "Durable subscriptions that a newer session has taken over");
  private final Counter schemaMismatches =
      counter("longspan.schema.mismatches", "Forwarded messages that did not fit their schema");
  private final Counter snapshotQuestions =
      counter("longspan.snapshots.asked", "Questions to services for the snapshot of a topic");
  private final Counter lostConsumers =
      counter("longspan.consumers.lost", "Consumers that the broker ended");
  private final Counter failedReopenings =
      counter("longspan.reopenings.failed", "Failed attempts to reopen at the broker");
  private final Counter lostReplyAddresses =
      counter("longspan.clients.unreachable", "Clients terminated without a temporary topic");
  private final EntryMeters entries = new EntryMeters(registry);
  private final Timer topicLatency =
      EntryMeters.histogram(
              "longspan.topic.message.latency",
              "Time from the reception of a topic message until it is written to a client")
          .register(registry);
  private final LongAdder refusedOrigins = new LongAdder();
  private final Counter checks =
      counter("longspan.subscriptions.checked", "Subscriptions whose right was checked again");
  private final Counter suspensions =
      counter(
          "longspan.subscriptions.suspended",
          "Subscriptions suspended until their right was confirmed");
  private final Map<ErrorCode, Counter> refusals =
      counters(
          ErrorCode.class,
          ErrorCode::wireName,
          "longspan.refusals",
          "Rejections to clients",
          "code");
  private final Map<Shedding, Counter> shed =
      counters(
          Shedding.class,
          Shedding::label,
          "longspan.memory.shed",
          "How often memory was shed because a budget was used up",
          "step");
  private final Map<SnapshotEnd, Counter> snapshots =
      counters(
          SnapshotEnd.class,
          SnapshotEnd::label,
          "longspan.snapshots",
          "Waits of clients for a snapshot of a topic that have ended",
          "outcome");

  private final Map<DeliveryOutcome, Counter> deliveries =
      counters(
          DeliveryOutcome.class,
          DeliveryOutcome::label,
          "longspan.deliveries",
          "Messages from queues that were given to clients, by what became of them",
          "outcome");
  private final Map<Undelivered, Counter> undelivered =
      counters(
          Undelivered.class,
          Undelivered::label,
          "longspan.messages.undelivered",
          "Messages that clients did not get as they are",
          "reason");

  /**
   * Creates the meters.
   *
   * @param spans the current traces, which histograms name as examples; empty without tracing
   */
  BridgeMeterBinder(Optional<SpanContext> spans) {
    super(spans);
    count(
        "longspan.origins.refused",
        "Requests rejected because of their origin",
        refusedOrigins::sum);
    count("longspan.internal.errors", "Unexpected failures; see the log", InternalErrors::count);
    new ClassLoaderMetrics().bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
  }

  /** Creates one counter per value of an enum, distinguished by a tag. */
  private <E extends Enum<E>> Map<E, Counter> counters(
      Class<E> type, Function<E, String> label, String name, String description, String tag) {
    Map<E, Counter> counters = new EnumMap<>(type);
    for (E value : type.getEnumConstants()) {
      counters.put(
          value,
          Counter.builder(name)
              .description(description)
              .tag(tag, label.apply(value))
              .register(registry));
    }
    return counters;
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  void watch(BayeuxJMSBridge bridge) {
    Gauge.builder("longspan.sessions", bridge, BayeuxJMSBridge::sessionCount)
        .description("Bayeux sessions")
        .register(registry);
    Gauge.builder("longspan.clients.connected", bridge, BayeuxJMSBridge::connectedCount)
        .description("Connected clients")
        .register(registry);
    Gauge.builder("longspan.queue.consumers", bridge, BayeuxJMSBridge::queueConsumerCount)
        .description("Subscriptions of clients to queues")
        .register(registry);
    Gauge.builder(
            "longspan.durable.subscriptions", bridge, BayeuxJMSBridge::durableSubscriptionCount)
        .description("Durable subscriptions in use")
        .register(registry);
    Gauge.builder("longspan.subscriptions", bridge, BayeuxJMSBridge::subscriptionCount)
        .description("Shared JMS subscriptions")
        .register(registry);
    bridge.brokers().forEach(this::watch);
    Gauge.builder("longspan.ready", bridge, b -> b.isReady() ? 1 : 0)
        .description("1 while clients can be served")
        .register(registry);
  }

  private void watch(BrokerStatus broker) {
    gauge(
        "longspan.broker.connected",
        "1 while the broker is connected",
        broker,
        b -> b.isConnected() ? 1 : 0);
    gauge(
        "longspan.broker.clock.offset.seconds",
        "How far the broker's clock is ahead of the bridge's; 0 within 5 s",
        broker,
        BrokerStatus::clockOffsetSeconds);
    gauge(
        "longspan.broker.address",
        "Position in broker.urls of the address in use, from 1; 0 without connection",
        broker,
        BrokerStatus::addressPosition);
    gauge(
        "longspan.reopenings",
        "Reopenings at the broker that are retried",
        broker,
        BrokerStatus::reopeningCount);
  }

  private void gauge(
      String name, String description, BrokerStatus broker, ToDoubleFunction<BrokerStatus> value) {
    Gauge.builder(name, broker, value)
        .description(description)
        .tag("broker", broker.name())
        .strongReference(true)
        .register(registry);
  }

  void watch(Watchdog watchdog) {
    Gauge.builder("longspan.threads.stuck", watchdog, Watchdog::stuckCount)
        .description("Pools whose threads are all stuck, and deadlocks")
        .register(registry);
  }

  void watch(Forwarding forwarding) {
    count(
        "longspan.forwarded", "Messages passed from one broker to another", forwarding::forwarded);
    count(
        "longspan.forwarded.answers",
        "Answers to forwarded requests that were brought back",
        forwarding::answers);
    count(
        "longspan.forwarded.discarded",
        "Messages not forwarded: expired, in a loop, or not copyable",
        forwarding::discarded);
    count(
        "longspan.forwarded.failures",
        "Lost connections of forward entries, and failed attempts to connect",
        forwarding::failures);
    Gauge.builder("longspan.forwards.disconnected", forwarding, Forwarding::disconnected)
        .description("Forward entries that pass no messages now")
        .register(registry);
  }

  void watch(MemoryBudget memory) {
    for (Purpose purpose : Purpose.values()) {
      Gauge.builder("longspan.budget.bytes", memory, m -> m.used(purpose))
          .description("Memory in use by purpose")
          .tag("purpose", purpose.label())
          .register(registry);
      FunctionCounter.builder("longspan.budget.refused", memory, m -> m.refused(purpose))
          .description("Charges refused because a budget was used up")
          .tag("purpose", purpose.label())
          .register(registry);
    }
  }

  void watch(OpenSockets sockets) {
    Gauge.builder("longspan.websockets", sockets, OpenSockets::userCount)
        .description("Open WebSockets")
        .tag("owner", "user")
        .register(registry);
    Gauge.builder("longspan.websockets", sockets, OpenSockets::strangerCount)
        .description("Open WebSockets")
        .tag("owner", "stranger")
        .register(registry);
    for (SocketEnd reason : SocketEnd.values()) {
      FunctionCounter.builder("longspan.websockets.ended", sockets, s -> s.ended(reason))
          .description("WebSockets refused or closed to protect others")
          .tag("reason", reason.label())
          .register(registry);
    }
  }

  void watch(HandshakeQueue handshakes) {
    Gauge.builder("longspan.handshakes.in.progress", handshakes, HandshakeQueue::inProgress)
        .description("Clients that are connecting: they have shaken hands, or are about to")
        .register(registry);
    Gauge.builder("longspan.handshakes.waiting", handshakes, HandshakeQueue::waiting)
        .description("Handshakes that wait for their turn")
        .register(registry);
    FunctionCounter.builder("longspan.handshakes.postponed", handshakes, HandshakeQueue::postponed)
        .description("Handshakes whose clients were asked to come back later")
        .register(registry);
  }

  void watch(AuthorizationQueue questions) {
    Gauge.builder("longspan.authorization.waiting", questions, AuthorizationQueue::waiting)
        .description("Questions that wait to be sent to authorisation services")
        .register(registry);
    FunctionCounter.builder(
            "longspan.authorization.unasked", questions, AuthorizationQueue::notAsked)
        .description("Questions that were not sent, because too many others waited")
        .register(registry);
  }

  void watch(LocalBroker local) {
    for (LocalOutcome outcome : LocalOutcome.values()) {
      FunctionCounter.builder("longspan.local.calls", local, l -> l.counts().calls(outcome))
          .description("Calls of local services that have ended")
          .tag("outcome", outcome.label())
          .register(registry);
    }
    FunctionCounter.builder("longspan.local.late", local, l -> l.counts().lateAnswers())
        .description("Answers of local services that nobody waited for any more")
        .register(registry);
    FunctionCounter.builder(
            "longspan.local.unpublished", local, l -> l.counts().refusedPublications())
        .description("Messages to local topics that were refused because too many waited")
        .register(registry);
    Gauge.builder("longspan.local.running", local, LocalBroker::calls)
        .description("Calls of local services that have not ended")
        .register(registry);
    Gauge.builder("longspan.local.waiting", local, LocalBroker::waitingCalls)
        .description("Calls of local services that wait for a thread")
        .register(registry);
    Gauge.builder("longspan.local.topics.waiting", local, LocalBroker::waitingMessages)
        .description("Messages to local topics that wait to be delivered")
        .register(registry);
  }

  void watchRefusedConnections(LongSupplier refused) {
    count(
        "longspan.connections.refused",
        "Connections closed because their address had too many",
        refused);
  }

  void watchDisplacedConnections(LongSupplier displaced) {
    count(
        "longspan.connections.displaced",
        "HTTP connections without a user that were closed for newer ones",
        displaced);
  }

  void watchCertificate(LongSupplier expiry, LongSupplier failures) {
    Gauge.builder(
            "longspan.tls.certificate.expiry.timestamp.seconds", this, m -> expiry.getAsLong())
        .description("When the certificate of the embedded server expires, in Unix time")
        .register(registry);
    count(
        "longspan.tls.certificate.failures",
        "Changed certificates of the embedded server that could not be used",
        failures);
  }

  /** Returns the counter of requests rejected for their origin. */
  public LongAdder refusedOrigins() {
    return refusedOrigins;
  }

  /** Registers the counters of requests that were rejected before they had a session. */
  void watchSignIn(LongSupplier throttledPasswords, LongSupplier refusedTokens) {
    count(
        "longspan.passwords.throttled",
        "Passwords not checked because of too many wrong ones",
        throttledPasswords);
    count("longspan.tokens.refused", "Bearer tokens that were rejected", refusedTokens);
  }

  /** Registers the counters of sign-ins that ended early. */
  void watchEndedSignIns(LongSupplier displaced, LongSupplier withdrawn) {
    count(
        "longspan.signins.displaced", "Sign-ins ended because their user had too many", displaced);
    count(
        "longspan.users.withdrawn",
        "Users whose sign-ins and sessions ended because the realm changed",
        withdrawn);
  }

  void watchTracing(LongSupplier exported, LongSupplier failed) {
    count("longspan.spans.exported", "Spans that the collector has accepted", exported);
    count("longspan.spans.failed", "Spans that could not be sent to the collector", failed);
  }

  void watch(QueuedAuditLog audit) {
    count("longspan.audit.events", "Events written to the audit log", audit::written);
    count("longspan.audit.lost", "Events that the audit log has lost", audit::lost);
  }

  void watchTokenKeys(LongSupplier failures) {
    count("longspan.token.keys.failures", "Failed attempts to read the token keys", failures);
  }

  /**
   * Micrometer keeps only a weak reference to the object. Therefore the object is this instance,
   * and the function keeps the source.
   */
  private void count(String name, String description, LongSupplier total) {
    FunctionCounter.builder(name, this, meters -> total.getAsLong())
        .description(description)
        .register(registry);
  }

  /**
   * Returns what an operator sees live, as a tree of maps: totals since the start, and histograms
   * of latencies as the numbers of events up to each bound. The differences between two calls are
   * what happened meanwhile.
   */
  Map<String, Object> totals() {
    Map<String, Object> totals = new LinkedHashMap<>();
    totals.put("sent", sent.count());
    totals.put("answers", clientMessages.count());
    totals.put("topicMessages", topicMessages.count());
    totals.put("deliveries", topicDeliveries.count());
    totals.put("dropped", dropped.count());
    totals.put("slowClients", slowClients.count());
    Map<String, Object> refused = new TreeMap<>();
    refusals.forEach((code, counter) -> refused.put(code.wireName(), counter.count()));
    refused.put("origin", (double) refusedOrigins.sum());
    REFUSED_BEFORE_A_SESSION.forEach(
        (reason, meter) ->
            registry
                .find(meter)
                .functionCounters()
                .forEach(c -> refused.merge(reason, c.count(), BridgeMeterBinder::sum)));
    totals.put("refusals", refused);
    totals.put("brokerAccept", histogram(entries.brokers()));
    totals.put("request", histogram(entries.answers()));
    totals.put("topicLatency", histogram(List.of(topicLatency)));
    return totals;
  }

  private static Object sum(Object one, Object other) {
    return (Double) one + (Double) other;
  }

  private static Map<String, Object> histogram(Collection<Timer> timers) {
    Map<Double, Double> upTo = new TreeMap<>();
    long count = 0;
    for (Timer timer : timers) {
      HistogramSnapshot snapshot = timer.takeSnapshot();
      count += snapshot.count();
      for (CountAtBucket bucket : snapshot.histogramCounts()) {
        upTo.merge(bucket.bucket(TimeUnit.MILLISECONDS), bucket.count(), Double::sum);
      }
    }
    return Map.of("count", count, "upTo", upTo);
  }

  @Override
  public void subscriptionsChecked(int number) {
    checks.increment(number);
  }

  @Override
  public void subscriptionSuspended() {
    suspensions.increment();
  }

  @Override
  public void messageSent() {
    sent.increment();
  }

  @Override
  public void messageAccepted(String broker, String entry, long millis) {
    entries.accepted(broker, entry, millis);
  }

  @Override
  public void requestAnswered(String entry, long millis) {
    entries.answered(entry, millis);
  }

  @Override
  public void topicMessageTaken(long millis) {
    topicLatency.record(millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void topicMessage(int receivers) {
    topicMessages.increment();
    topicDeliveries.increment(receivers);
  }

  @Override
  public void clientMessage() {
    clientMessages.increment();
  }

  @Override
  public void refused(ErrorCode code) {
    refusals.get(code).increment();
  }

  @Override
  public void propertiesStripped(int count) {
    if (count > 0) {
      stripped.increment(count);
    }
  }

  @Override
  public void uncoveredTopicMessage() {
    uncovered.increment();
  }

  @Override
  public void answerWithoutRequest() {
    answersWithoutRequest.increment();
  }

  @Override
  public void unknownAnswer() {
    unknownAnswers.increment();
  }

  @Override
  public void malformedEnvelope() {
    malformedEnvelopes.increment();
  }

  @Override
  public void slowClientEnded() {
    slowClients.increment();
  }

  @Override
  public void deliverySettled(DeliveryOutcome outcome) {
    deliveries.get(outcome).increment();
  }

  @Override
  public void topicMessageDropped() {
    dropped.increment();
  }

  @Override
  public void undelivered(Undelivered reason) {
    undelivered.get(reason).increment();
  }

  @Override
  public void retainedEvicted() {
    evictedTopics.increment();
  }

  @Override
  public void schemaMismatch() {
    schemaMismatches.increment();
  }

  @Override
  public void snapshotAsked() {
    snapshotQuestions.increment();
  }

  @Override
  public void snapshotEnded(SnapshotEnd how) {
    snapshots.get(how).increment();
  }

  @Override
  public void shed(Shedding step) {
    shed.get(step).increment();
  }

  @Override
  public void sessionResumed(boolean taken) {
    (taken ? resumed : notResumed).increment();
  }

  @Override
  public void consumerLost() {
    lostConsumers.increment();
  }

  @Override
  public void reopenFailed() {
    failedReopenings.increment();
  }

  @Override
  public void replyAddressLost() {
    lostReplyAddresses.increment();
  }

  @Override
  public void presenceMessageDiscarded() {
    discardedPresence.increment();
  }

  @Override
  public void durableTakenOver() {
    durableTakeOvers.increment();
  }

  @Override
  public void accessRevoked() {
    revocations.increment();
  }
}
