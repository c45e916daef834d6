package io.longspan.local.broker;

import io.longspan.bridge.MessageBroker;
import io.longspan.bridge.Ticker;
import io.longspan.budget.Account;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.concurrent.DaemonThreads;
import io.longspan.concurrent.InternalErrors;
import io.longspan.config.ConfigException;
import io.longspan.local.LocalMessage;
import io.longspan.local.LocalRequest;
import io.longspan.local.LocalService;
import io.longspan.local.LocalTopics;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The services and topics inside this process, as a message broker: a destination of the kind queue
 * is a service, whose method is called. {@link MessageBroker} documents the methods.
 */
public final class LocalBroker implements MessageBroker, LocalTopics {
  /** The deadline of a request without a time to live, in milliseconds. */
  static final long WITHOUT_TIME_TO_LIVE = 300_000;

  /** The maximum time until the deadline, in milliseconds. */
  static final long MAX_AGE = 3_600_000;

  private static final Logger LOG = LoggerFactory.getLogger(LocalBroker.class);

  private static final Duration END_PATIENCE = Duration.ofSeconds(5);

  /** Topics of the bridge itself; no local topic has such a name. */
  private static final String RESERVED = "bridge/";

  private final List<LocalService> services;
  private final MemoryBudget memory;
  private final Ticker ticker;
  private final LocalMessages messages;
  private final LogPace pace;
  private final LocalCounts counts = new LocalCounts();
  private final DaemonThreads threads = new DaemonThreads("longspan-local");
  private final ThreadPoolExecutor pool =
      new ThreadPoolExecutor(
          0, Integer.MAX_VALUE, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), threads);
  private final ServiceDirectory directory;
  private final TopicBus topics;
  private final Set<LocalCall> calls = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * Creates a broker. Its services start by {@link #startServices}.
   *
   * @param services the loaded services; no two have the same name
   * @param registered returns what another web application has registered for a name; null if
   *     nothing. Called on any thread
   * @param threadsOfService the maximum number of threads of one service that may block
   * @param memory the accounts that requests and messages are charged to
   */
  public LocalBroker(
      List<LocalService> services,
      Function<String, Object> registered,
      int threadsOfService,
      MemoryBudget memory,
      Ticker ticker) {
    this.services = List.copyOf(services);
    this.memory = memory;
    this.ticker = ticker;
    this.messages = new LocalMessages(ticker);
    this.pace = new LogPace(ticker);
    this.topics = new TopicBus(memory.process(), counts);
    this.directory =
        new ServiceDirectory(
            services, registered, service -> new HostedService(service, threadsOfService, pool));
  }

  /**
   * Starts the services. Called once, before {@link #start}; blocks as they do.
   *
   * @throws ConfigException if a service does not start; those that have started are stopped
   */
  public void startServices() {
    List<LocalService> started = new ArrayList<>();
    for (LocalService service : services) {
      try {
        service.start(this);
        started.add(service);
      } catch (RuntimeException | LinkageError failure) {
        LOG.debug("local service does not start", failure);
        started.forEach(LocalBroker::stop);
        throw new ConfigException(
            "the local service %s does not start: %s".formatted(service.name(), failure));
      }
    }
    if (!services.isEmpty()) {
      LOG.info("local services {}", services.stream().map(LocalService::name).sorted().toList());
    }
  }

  private static void stop(LocalService service) {
    InternalErrors.guard("the stop of the local service " + service.name(), service::stop);
  }

  /** Returns what was counted. */
  public LocalCounts counts() {
    return counts;
  }

  /** Returns the number of calls that have not ended, those that wait for a thread included. */
  public int calls() {
    return calls.size();
  }

  /** Returns the number of calls that wait for a thread. */
  public int waitingCalls() {
    return directory.waiting();
  }

  /** Returns the number of messages to topics that wait to be delivered. */
  public int waitingMessages() {
    return topics.waiting();
  }

  /** Ends the calls whose deadline has passed. Must be called regularly; must not overlap. */
  public void sweep() {
    long now = ticker.millis();
    for (LocalCall call : calls) {
      if (call.isOverdue(now)) {
        call.overdue();
      }
    }
  }

  @Override
  public long sendTimeout() {
    return 0;
  }

  /** Never notifies the listener: there is no connection that could be lost. */
  @Override
  public void start(ConnectionListener listener) {}

  @Override
  public boolean isConnected() {
    return !closed;
  }

  @Override
  public Optional<String> trouble() {
    return Optional.empty();
  }

  @Override
  public CompletionStage<Void> roundTrip() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<ReplyDestination> openTemporary(
      Kind kind, String user, AnswerListener listener) {
    return CompletableFuture.completedFuture(new LocalReplies(listener));
  }

  @Override
  public CompletionStage<TopicConsumer> consumeReplies(
      BrokerDestination destination, Consumer<BrokerMessage> listener) {
    return CompletableFuture.failedFuture(
        new UnsupportedOperationException("answers of local services use no destination"));
  }

  @Override
  public CompletionStage<TopicConsumer> consumeOwnReplies(
      BrokerDestination destination, Consumer<BrokerMessage> listener) {
    return consumeReplies(destination, listener);
  }

  @Override
  public Pending<TopicConsumer> subscribe(
      String user,
      BrokerDestination topic,
      Optional<String> selector,
      Consumer<BrokerMessage> listener) {
    return Pending.of(
        selector.isPresent()
            ? CompletableFuture.failedFuture(
                BridgeException.badRequest("a local topic does not support selectors"))
            : CompletableFuture.completedFuture(topics.subscribe(topic.name(), listener)));
  }

  @Override
  public int requireSelector(String selector) {
    throw BridgeException.badRequest("a local topic does not support selectors");
  }

  @Override
  public CompletionStage<String> send(Outbound message, Source source) {
    try {
      BrokerDestination destination = ((Outbound.To) message.target()).destination();
      if (closed) {
        throw BridgeException.brokerUnavailable(null);
      }
      if (destination.kind() == Kind.QUEUE) {
        call(destination.name(), message, source);
      } else {
        topics.publish(
            messages.published(destination.name(), message), LocalMessages.bytes(message));
      }
      return CompletableFuture.completedFuture(messages.nextId());
    } catch (BridgeException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
  }

  private void call(String destination, Outbound message, Source source) {
    LocalReplies replies = (LocalReplies) message.replyTo().orElseThrow();
    if (Boolean.TRUE.equals(message.properties().get("cancel"))) {
      replies.cancel(destination, message.headers().correlationId());
      return;
    }
    HostedService service =
        directory
            .find(destination)
            .orElseThrow(
                () -> {
                  counts.ended(LocalOutcome.REFUSED);
                  if (pace.allows()) {
                    LOG.warn("a local service is not present destination={}", destination);
                  }
                  return new BridgeException(
                      ErrorCode.SEND_FAILED, "the service is not present now");
                });
    long bytes = LocalMessages.bytes(message);
    Account account = memory.user(source.user());
    if (!account.tryCharge(Purpose.REQUESTS, bytes)) {
      counts.ended(LocalOutcome.REFUSED);
      throw BridgeException.limitExceeded("too many bytes of this user's requests are in flight");
    }
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    LocalRequest request = LocalMessages.request(destination, message, source, cancelled.copy());
    LocalCall call =
        new LocalCall(
            request,
            cancelled,
            deadline(message.headers().timeToLive()),
            replies.listener(),
            messages,
            counts,
            pace,
            ended -> {
              calls.remove(ended);
              replies.remove(ended);
              service.ended(ended);
              account.release(Purpose.REQUESTS, bytes);
            });
    calls.add(call);
    replies.add(call);
    try {
      if (!service.call(call)) {
        call.cancel(LocalOutcome.REFUSED);
        throw BridgeException.limitExceeded("too many requests wait for the service");
      }
    } catch (RejectedExecutionException stopping) {
      call.cancel(LocalOutcome.ABANDONED);
      throw BridgeException.brokerUnavailable(stopping);
    }
  }

  private long deadline(long timeToLive) {
    return ticker.millis()
        + (timeToLive == 0 ? WITHOUT_TIME_TO_LIVE : Math.min(timeToLive, MAX_AGE));
  }

  /** Returns whether anybody is subscribed to a topic, or to a pattern that matches it. */
  public boolean isSubscribed(String topic) {
    return topics.isSubscribed(topic);
  }

  /**
   * Publishes to a topic of the bridge itself, whose name services cannot use.
   *
   * @throws BridgeException {@code limitExceeded} if too many messages wait, {@code
   *     brokerUnavailable} if the bridge stops
   */
  public void publishOwn(String topic, LocalMessage message) {
    topics.publish(messages.published(topic, message), LocalMessages.bytes(message));
  }

  @Override
  public void publish(String topic, LocalMessage message) {
    try {
      if (DestinationName.parse(topic).value().startsWith(RESERVED)) {
        throw new IllegalArgumentException("the bridge reserves the topic " + topic);
      }
    } catch (BridgeException invalid) {
      throw new IllegalArgumentException(invalid.getMessage(), invalid);
    }
    try {
      topics.publish(messages.published(topic, message), LocalMessages.bytes(message));
    } catch (BridgeException refusal) {
      throw new IllegalStateException(refusal.getMessage(), refusal);
    }
  }

  /** Ends all calls and stops the services. Blocks for a bounded time. */
  @Override
  public void close() {
    closed = true;
    calls.forEach(call -> call.cancel(LocalOutcome.ABANDONED));
    pool.shutdownNow();
    if (!threads.awaitEnd(END_PATIENCE)) {
      LOG.warn("a local service still blocks its thread");
    }
    services.forEach(LocalBroker::stop);
    topics.close();
  }
}
