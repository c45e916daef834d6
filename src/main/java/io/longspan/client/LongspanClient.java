package io.longspan.client;

import io.longspan.client.ClientListener.Status;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A client of the bridge. It keeps itself connected from {@link #connect} to {@link #disconnect}.
 *
 * <p>All methods may be called on any thread and never block, except {@link #close}. Futures
 * complete on the client's executor, with a {@link LongspanException} where they fail.
 */
public final class LongspanClient implements AutoCloseable {
  private final Settings settings;
  private final Loop loop;
  private final Callbacks callbacks;
  private final Client client;
  private final Publishers publishers;

  private LongspanClient(Settings settings, ClientListener listener) {
    this.settings = settings;
    this.loop = settings.threads() == null ? new Loop() : new Loop(settings.threads());
    this.callbacks = new Callbacks(settings.callbacks(), loop);
    this.client = new Client(settings, loop, callbacks, listener);
    this.publishers = new Publishers(client, loop, settings);
  }

  /**
   * Begins a client.
   *
   * @param endpoint the Bayeux endpoint: http or https, without a query
   * @throws IllegalArgumentException if it is another URI
   */
  public static Builder builder(URI endpoint) {
    return new Builder(endpoint);
  }

  /**
   * Connects, and from then on keeps the connection.
   *
   * @return fails with {@link LongspanException.Authentication}, {@link LongspanException.Refused},
   *     or {@link LongspanException.ConnectionLost} after the connect timeout
   */
  public CompletableFuture<ConnectInfo> connect() {
    return callbacks.onLoop(client::connect);
  }

  /** Tries again at once, if the client is reconnecting. */
  public void reconnect() {
    loop.execute(client::reconnect);
  }

  /**
   * Ends the session. Open calls fail with {@link LongspanException.Cancelled}. Idempotent.
   *
   * @return completes when the bridge has answered, or after the close timeout
   */
  public CompletableFuture<Void> disconnect() {
    return callbacks.onLoop(client::disconnect);
  }

  /** Disconnects, and waits for it. */
  @Override
  public void close() {
    disconnect().join();
  }

  public Status status() {
    return client.status();
  }

  /** Returns what the bridge said about this client when it connected. */
  public Optional<ConnectInfo> info() {
    return client.info();
  }

  /** Returns {@code websocket} or {@code long-polling}, while connected. */
  public Optional<String> transport() {
    return client.transport();
  }

  /** Sends a request without options. */
  public CompletableFuture<Message> request(String destination, Object body) {
    return request(destination, body, SendOptions.NONE);
  }

  /**
   * Sends a request. If the future is cancelled, the service is told.
   *
   * @param body a string, bytes, or maps, lists, numbers and booleans, which are sent as JSON
   * @return the answer; of an answer in parts the first
   */
  public CompletableFuture<Message> request(String destination, Object body, SendOptions options) {
    CompletableFuture<Message> answer = new CompletableFuture<>();
    loop.execute(
        () -> {
          Requests.Request request =
              client.requests.start(
                  destination,
                  body,
                  timeout(options),
                  options,
                  new Requests.Sink() {
                    @Override
                    public LongspanException part(Message message) {
                      callbacks.complete(answer, message);
                      return Requests.ENOUGH;
                    }

                    @Override
                    public void fail(LongspanException error) {
                      callbacks.fail(answer, error);
                    }
                  });
          answer.whenComplete(
              (message, failure) -> {
                if (answer.isCancelled()) {
                  LongspanException cancelled = new LongspanException.Cancelled("cancelled");
                  loop.execute(() -> client.requests.cancel(request, cancelled));
                }
              });
        });
    return answer;
  }

  /**
   * Prepares a request whose answer has several parts. Each subscriber sends one, and gets its
   * parts; the timeout applies to each of them. A subscription that is cancelled cancels the
   * request.
   */
  public Flow.Publisher<Message> requestParts(
      String destination, Object body, SendOptions options) {
    return publishers.parts(destination, body, timeout(options), options);
  }

  /** Sends a message; completes when the broker has taken it. */
  public CompletableFuture<Void> publish(String destination, Object body, SendOptions options) {
    return callbacks.onLoop(
        () ->
            client.publish(Codec.encodeSend(Map.entry("destination", destination), body, options)));
  }

  /**
   * Answers an unsolicited message, once. Without another one in the options, the answer has the
   * message's correlation id, or its message id if it has none.
   *
   * @throws IllegalArgumentException if its sender expects no answer
   */
  public CompletableFuture<Void> reply(Message message, Object body, SendOptions options) {
    String handle =
        message
            .replyTo()
            .orElseThrow(
                () -> new IllegalArgumentException("message: its sender expects no answer"));
    SendOptions answering =
        options.correlationId() == null
            ? options.withCorrelationId(message.correlationId().or(message::messageId).orElse(null))
            : options;
    return callbacks.onLoop(
        () -> client.publish(Codec.encodeSend(Map.entry("replyTo", handle), body, answering)));
  }

  /** Subscribes to topics without a selector. */
  public CompletableFuture<TopicSubscription> subscribe(
      Collection<String> topics, Consumer<Message> listener) {
    return subscribe(topics, null, listener);
  }

  /**
   * Subscribes to topics, names or patterns.
   *
   * @param selector a JMS selector, or null
   * @param listener called one message at a time, in order
   * @return fails if <em>all</em> topics were refused
   * @throws IllegalArgumentException if there is no topic
   */
  public CompletableFuture<TopicSubscription> subscribe(
      Collection<String> topics, String selector, Consumer<Message> listener) {
    List<String> names = someOf(topics);
    TopicOptions options = new TopicOptions(selector, null);
    return callbacks.onLoop(
        () -> client.topics.subscribe(names, options, Topics.handler(listener)));
  }

  private static List<String> someOf(Collection<String> topics) {
    List<String> names = List.copyOf(topics);
    if (names.isEmpty()) {
      throw new IllegalArgumentException("topics: at least one is required");
    }
    return names;
  }

  /**
   * Subscribes to topics durably (protocol section 16): the broker keeps what is published while
   * nobody is there. Each message waits for the handlers of the one before. It is acknowledged when
   * they have ended; if one has failed, it is delivered again.
   *
   * @param durable the name of the subscription: 1 to 64 of {@code A-Z a-z 0-9 - _ .}
   * @param selector a JMS selector, or null
   * @param handler called one message at a time. The stage that it returns ends when the message is
   *     processed; null: it is already
   * @return fails if <em>all</em> topics were refused
   * @throws IllegalArgumentException if there is no topic
   */
  public CompletableFuture<TopicSubscription> subscribeDurably(
      Collection<String> topics,
      String durable,
      String selector,
      Function<Message, CompletionStage<?>> handler) {
    List<String> names = someOf(topics);
    TopicOptions options = new TopicOptions(selector, Objects.requireNonNull(durable));
    return callbacks.onLoop(() -> client.topics.subscribe(names, options, handler));
  }

  /**
   * Deletes durable subscriptions, with what the broker has kept. Listeners of this client that use
   * them are ended.
   *
   * @param durable the name of the subscriptions
   * @throws IllegalArgumentException if there is no topic
   */
  public CompletableFuture<Void> forget(Collection<String> topics, String durable) {
    List<String> names = someOf(topics);
    Objects.requireNonNull(durable);
    return callbacks.onLoop(() -> client.topics.forget(names, durable));
  }

  /**
   * Asks who is present on a topic (protocol section 18).
   *
   * @param topic not a pattern; its entry in the catalogue has {@code presence}
   * @return fails with {@link LongspanException.Refused} if this user may not see it
   */
  public CompletableFuture<Presence> presence(String topic) {
    Objects.requireNonNull(topic);
    return callbacks.onLoop(() -> Questions.presence(client, topic));
  }

  /**
   * Asks for messages of a topic that the bridge keeps (protocol section 17): the newest ones.
   *
   * @param topic a topic or a pattern
   * @param limit at most so many, 1 or more; the bridge has a bound of its own
   */
  public CompletableFuture<History> history(String topic, int limit) {
    return history(topic, limit, null, null);
  }

  /**
   * Asks for messages of a topic that the bridge keeps (protocol section 17): the newest ones
   * before a message, or the oldest ones after it.
   *
   * @param topic a topic or a pattern
   * @param limit at most so many, 1 or more; the bridge has a bound of its own
   * @param before a {@code JMSMessageID}, or null
   * @param after a {@code JMSMessageID}, or null
   * @return fails with {@link LongspanException.Refused} without the right to subscribe, or if the
   *     bridge does not keep the message of that id
   */
  public CompletableFuture<History> history(String topic, int limit, String before, String after) {
    Objects.requireNonNull(topic);
    if (limit < 1) {
      throw new IllegalArgumentException("limit: " + limit + "; allowed: 1 or more");
    }
    return callbacks.onLoop(() -> Questions.history(client, topic, limit, before, after));
  }

  /** Asks what this user may use (protocol section 18). */
  public CompletableFuture<Description> describe() {
    return callbacks.onLoop(() -> Questions.describe(client));
  }

  /**
   * Consumes a queue (protocol section 15). A message is acknowledged when the stage that the
   * handler returns completes, and released if it fails or the handler throws; {@link QueueMessage}
   * can do more. The consumption goes on in a new session. A client consumes a queue once.
   *
   * @param handler called one message at a time; up to {@code prefetch} of its stages are open. It
   *     returns null if the message is already processed
   * @return fails with a {@link LongspanException}, or an {@link IllegalStateException} if this
   *     client consumes the queue already
   */
  public CompletableFuture<QueueSubscription> consume(
      String queue, QueueOptions options, Function<QueueMessage, CompletionStage<?>> handler) {
    Objects.requireNonNull(queue);
    Objects.requireNonNull(options);
    Objects.requireNonNull(handler);
    return callbacks.onLoop(() -> client.queues.subscribe(queue, options, handler));
  }

  /**
   * Prepares a subscription to topics. Each subscriber gets the messages from then on. Messages
   * that a subscriber does not request in time are dropped beyond 1,024, with a {@code gap} of
   * reason {@code slowConsumer}.
   */
  public Flow.Publisher<Message> messages(Collection<String> topics) {
    return publishers.topics(List.copyOf(topics));
  }

  private Duration timeout(SendOptions options) {
    return options.timeout() == null ? settings.requestTimeout() : options.timeout();
  }

  /** The options of a client; each has a default. */
  public static final class Builder {
    private final URI endpoint;
    private String user;
    private String password = "";
    private Supplier<CompletionStage<String>> token;
    private boolean tokenIsFixed;
    private List<String> transports = List.of(Transport.WEB_SOCKET, Transport.LONG_POLLING);
    private Map<String, String> headers = Map.of();
    private HttpClient http;
    private ScheduledExecutorService threads;
    private Executor executor = ForkJoinPool.commonPool();
    private ClientListener listener = new ClientListener() {};
    private Duration requestTimeout = Duration.ofSeconds(30);
    private Duration connectTimeout = Duration.ofSeconds(30);
    private Duration controlTimeout = Duration.ofSeconds(15);
    private Duration webSocketTimeout = Duration.ofSeconds(3);
    private Duration networkTimeout = Duration.ofSeconds(10);
    private Duration closeTimeout = Duration.ofSeconds(2);
    private Duration reconnectInitial = Duration.ofMillis(250);
    private Duration reconnectMax = Duration.ofSeconds(10);

    private Builder(URI endpoint) {
      boolean isHttp = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
      if (!isHttp || endpoint.getQuery() != null || endpoint.getFragment() != null) {
        throw new IllegalArgumentException(
            "endpoint: " + endpoint + "; allowed: http or https, without query");
      }
      this.endpoint = endpoint;
    }

    /** Sets user and password for HTTP Basic. */
    public Builder user(String name, String secret) {
      user = Objects.requireNonNull(name);
      password = Objects.requireNonNull(secret);
      return this;
    }

    /** Sets a bearer token. */
    public Builder token(String value) {
      token = () -> CompletableFuture.completedFuture(value);
      tokenIsFixed = true;
      return this;
    }

    /**
     * Sets the source of bearer tokens. It is called again before a token expires, and if the
     * bridge rejects one; on the client's own thread, so it must not block.
     */
    public Builder token(Supplier<CompletionStage<String>> source) {
      token = Objects.requireNonNull(source);
      tokenIsFixed = false;
      return this;
    }

    /** Sets the transports in the order of preference: {@code websocket}, {@code long-polling}. */
    public Builder transports(String... names) {
      List<String> known = List.of(Transport.WEB_SOCKET, Transport.LONG_POLLING);
      if (names.length == 0 || !known.containsAll(List.of(names))) {
        throw new IllegalArgumentException(
            "transports: " + List.of(names) + "; allowed: " + known + ", at least one");
      }
      transports = List.of(names);
      return this;
    }

    /** Sets headers that are sent with every request. */
    public Builder headers(Map<String, String> all) {
      headers = Map.copyOf(all);
      return this;
    }

    /** Sets the HTTP client, for TLS or a proxy. Many clients may share one. */
    public Builder http(HttpClient client) {
      http = Objects.requireNonNull(client);
      return this;
    }

    /**
     * Sets the threads for the client's own work and timers, which never blocks them; by default
     * the client has one daemon thread, which ends when it is idle. Thousands of clients may share
     * a few threads. The caller ends them, after the clients. Of a {@code
     * ScheduledThreadPoolExecutor} set {@code setRemoveOnCancelPolicy(true)}: each message has a
     * timer.
     */
    public Builder threads(ScheduledExecutorService shared) {
      threads = Objects.requireNonNull(shared);
      return this;
    }

    /** Sets who runs listeners and completes futures; by default the common pool. */
    public Builder executor(Executor runs) {
      executor = Objects.requireNonNull(runs);
      return this;
    }

    /** Sets the listener of status, gaps, revoked topics and unsolicited messages. */
    public Builder listener(ClientListener to) {
      listener = Objects.requireNonNull(to);
      return this;
    }

    /** Sets how long a request waits for its answer; by default 30 s. */
    public Builder requestTimeout(Duration time) {
      requestTimeout = positive("requestTimeout", time);
      return this;
    }

    /** Sets how long {@code connect} retries; zero: for ever; by default 30 s. */
    public Builder connectTimeout(Duration time) {
      connectTimeout = time.isZero() ? time : positive("connectTimeout", time);
      return this;
    }

    /** Sets how long a control message waits for its answer; by default 15 s. */
    public Builder controlTimeout(Duration time) {
      controlTimeout = positive("controlTimeout", time);
      return this;
    }

    /** Sets when a WebSocket that does not open or answer counts as blocked; by default 3 s. */
    public Builder webSocketTimeout(Duration time) {
      webSocketTimeout = positive("webSocketTimeout", time);
      return this;
    }

    /** Sets when a connection without a reply counts as broken; by default 10 s. */
    public Builder networkTimeout(Duration time) {
      networkTimeout = positive("networkTimeout", time);
      return this;
    }

    /** Sets how long {@code disconnect} waits for the bridge; by default 2 s. */
    public Builder closeTimeout(Duration time) {
      closeTimeout = positive("closeTimeout", time);
      return this;
    }

    /** Sets the pauses between attempts, doubled from the first; by default 250 ms to 10 s. */
    public Builder reconnect(Duration initial, Duration max) {
      reconnectInitial = positive("initial", initial);
      reconnectMax = positive("max", max);
      if (max.compareTo(initial) < 0) {
        throw new IllegalArgumentException("max: " + max + "; allowed: " + initial + " or more");
      }
      return this;
    }

    private static Duration positive(String name, Duration time) {
      SendOptions.requirePositive(name, Objects.requireNonNull(time));
      return time;
    }

    /**
     * Creates the client; {@link #connect} starts it.
     *
     * @throws IllegalStateException if there are both a user and a token
     */
    public LongspanClient build() {
      if (user != null && token != null) {
        throw new IllegalStateException("user, token: one of them at most");
      }
      HttpClient used =
          http != null
              ? http
              : HttpClient.newBuilder()
                  .version(HttpClient.Version.HTTP_1_1)
                  .connectTimeout(networkTimeout)
                  .cookieHandler(new CookieManager())
                  .build();
      return new LongspanClient(
          new Settings(
              endpoint,
              user,
              password,
              token,
              tokenIsFixed,
              transports,
              headers,
              used,
              threads,
              executor,
              requestTimeout,
              connectTimeout,
              controlTimeout,
              webSocketTimeout,
              networkTimeout,
              closeTimeout,
              reconnectInitial,
              reconnectMax),
          listener);
    }
  }
}
