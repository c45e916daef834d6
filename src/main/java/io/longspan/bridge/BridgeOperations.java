package io.longspan.bridge;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Operations for an operator: list and disconnect clients. Callers must have authorised the
 * operator.
 *
 * <p>Every list is a bounded copy. The numbers in it may be slightly out of date. Called on any
 * thread; never blocks.
 */
public final class BridgeOperations {
  /** The maximum number of items on a page. */
  public static final int MAX_PAGE_SIZE = 500;

  /** The reason, in events and logs, of an end that an operator has caused. */
  public static final String REASON = "operator";

  private static final Logger LOG = LoggerFactory.getLogger(BridgeOperations.class);

  /**
   * A part of a list.
   *
   * @param total the number of items in the whole list
   * @param offset the index of the first item of this part
   * @param items the items of this part
   */
  public record Page<T>(int total, int offset, List<T> items) {}

  /**
   * A client's session.
   *
   * @param user the name of the user
   * @param clientId the Bayeux client id
   * @param bridgeClientId the client id that services know; empty if there is no connected client
   * @param state {@code handshaken}, {@code connected}, {@code disconnected}, {@code lost}
   *     (suspended) or {@code ended}
   * @param since the time of the handshake
   * @param way transport and address of the client
   * @param queuedMessages the number of messages that wait in the outbox
   * @param queuedBytes the bytes of payload that wait in the outbox
   * @param topics the number of topics that the client is subscribed to
   * @param requestsInFlight the number of requests without an answer
   */
  public record Client(
      String user,
      String clientId,
      Optional<String> bridgeClientId,
      String state,
      Instant since,
      ClientChannel.Status way,
      int queuedMessages,
      long queuedBytes,
      int topics,
      int requestsInFlight) {}

  /**
   * A shared JMS subscription.
   *
   * @param topic the logical name, or the pattern
   * @param selector the JMS selector, if there is one
   * @param subscribers the number of clients that share it
   */
  public record Subscription(String topic, Optional<String> selector, int subscribers) {}

  /**
   * A subscription of one client to a topic or a queue.
   *
   * @param name the logical name, or the pattern
   * @param selector the JMS selector, if there is one
   * @param queue whether the name is a queue that the client consumes
   */
  public record Interest(String name, Optional<String> selector, boolean queue) {}

  /**
   * A client with its subscriptions.
   *
   * @param client the client
   * @param total the number of subscriptions
   * @param interests the first {@link #MAX_PAGE_SIZE} subscriptions, by name
   */
  public record Detail(Client client, int total, List<Interest> interests) {}

  private final String bridgeId;
  private final SessionRegistry sessions;
  private final TopicSubscriptions subscriptions;
  private final Supplier<Collection<QueueSubscription>> queues;
  private final BiConsumer<ClientSession, String> end;
  private final Ticker ticker;
  private final List<ToIntFunction<String>> endedWithUser = new CopyOnWriteArrayList<>();

  /**
   * Creates the operations.
   *
   * @param queues returns what the clients consume
   * @param end terminates a session for a reason; must not block
   */
  BridgeOperations(
      String bridgeId,
      SessionRegistry sessions,
      TopicSubscriptions subscriptions,
      Supplier<Collection<QueueSubscription>> queues,
      BiConsumer<ClientSession, String> end,
      Ticker ticker) {
    this.bridgeId = bridgeId;
    this.sessions = sessions;
    this.subscriptions = subscriptions;
    this.queues = queues;
    this.end = end;
    this.ticker = ticker;
  }

  /**
   * Lists sessions, sorted by user and then by age.
   *
   * @param user lists only this user's sessions; empty for all users
   * @param text lists only sessions whose user, client ids or address contain this, in any letter
   *     case; empty for all
   * @param offset the index of the first item, at least 0
   * @param limit the maximum number of items, 1 to {@link #MAX_PAGE_SIZE}
   * @throws IllegalArgumentException if offset or limit is out of range
   */
  public Page<Client> clients(Optional<String> user, String text, int offset, int limit) {
    Predicate<ClientSession> ofUser =
        user.<Predicate<ClientSession>>map(name -> s -> s.identity().user().equals(name))
            .orElse(s -> true);
    String part = text.toLowerCase(Locale.ROOT);
    Predicate<ClientSession> wanted = part.isEmpty() ? ofUser : ofUser.and(s -> has(s, part));
    Page<ClientSession> page =
        page(
            sessions.all().stream().filter(wanted),
            Comparator.<ClientSession, String>comparing(s -> s.identity().user())
                .thenComparing(ClientSession::since)
                .thenComparing(ClientSession::clientId),
            offset,
            limit);
    return new Page<>(page.total(), page.offset(), page.items().stream().map(this::view).toList());
  }

  private static boolean has(ClientSession session, String part) {
    return Stream.of(
            session.identity().user(),
            session.clientId(),
            session.client().map(ConnectedClient::bridgeClientId).orElse(""),
            session.channel().status().address())
        .anyMatch(field -> field.toLowerCase(Locale.ROOT).contains(part));
  }

  /**
   * Returns a client with its subscriptions.
   *
   * @param clientId the Bayeux client id, or the client id that services know
   */
  public Optional<Detail> client(String clientId) {
    return find(clientId).map(this::detail);
  }

  private Detail detail(ClientSession session) {
    Stream<Interest> topics =
        subscriptions.shared().stream()
            .flatMap(shared -> shared.subscribers().stream())
            .filter(subscriber -> subscriber.client().session() == session)
            .map(s -> new Interest(s.topic().value(), s.key().selector(), false));
    Stream<Interest> consumed =
        queues.get().stream()
            .filter(subscription -> subscription.client().session() == session)
            .map(s -> new Interest(s.grant().name().value(), s.selector(), true));
    List<Interest> all =
        Stream.concat(topics, consumed).sorted(Comparator.comparing(Interest::name)).toList();
    return new Detail(
        view(session),
        all.size(),
        List.copyOf(all.subList(0, Math.min(MAX_PAGE_SIZE, all.size()))));
  }

  /**
   * Returns the clients for which the most bytes wait, the largest first; none for which nothing
   * waits.
   *
   * @param count the maximum number of clients
   */
  public List<Client> biggestOutboxes(int count) {
    return sessions.all().stream()
        .filter(session -> session.outbox().waitingMessages() > 0)
        .map(this::view)
        .sorted(
            Comparator.comparingLong(Client::queuedBytes)
                .thenComparing(Client::queuedMessages)
                .reversed())
        .limit(count)
        .toList();
  }

  private Client view(ClientSession session) {
    return new Client(
        session.identity().user(),
        session.clientId(),
        session.client().map(ConnectedClient::bridgeClientId),
        session.state().wireName(),
        session.since(),
        session.channel().status(),
        session.outbox().waitingMessages(),
        session.outbox().waitingBytes(),
        session.client().map(ConnectedClient::topicCount).orElse(0),
        session.client().map(client -> client.requests().waiting(ticker.millis())).orElse(0));
  }

  /**
   * Lists the shared JMS subscriptions, by topic and selector.
   *
   * @param offset the index of the first item, at least 0
   * @param limit the maximum number of items, 1 to {@link #MAX_PAGE_SIZE}
   * @throws IllegalArgumentException if offset or limit is out of range
   */
  public Page<Subscription> subscriptions(int offset, int limit) {
    return page(
        subscriptions.shared().stream()
            .map(
                shared ->
                    new Subscription(
                        shared.key().grant().name().value(),
                        shared.key().selector(),
                        shared.subscribers().size())),
        Comparator.comparing(Subscription::topic).thenComparing(s -> s.selector().orElse("")),
        offset,
        limit);
  }

  static <T> Page<T> page(Stream<T> items, Comparator<? super T> order, int offset, int limit) {
    if (offset < 0 || limit < 1 || limit > MAX_PAGE_SIZE) {
      throw new IllegalArgumentException("no such page");
    }
    List<T> all = items.sorted(order).toList();
    int from = Math.min(offset, all.size());
    int to = (int) Math.min((long) from + limit, all.size());
    return new Page<>(all.size(), from, List.copyOf(all.subList(from, to)));
  }

  /**
   * Terminates a client's session.
   *
   * @param clientId the Bayeux client id, or the client id that services know
   * @return whether there was such a session
   */
  public boolean disconnectClient(String clientId) {
    Optional<ClientSession> session = find(clientId);
    session.ifPresent(this::end);
    return session.isPresent();
  }

  private Optional<ClientSession> find(String clientId) {
    return sessions.find(clientId).or(() -> byBridgeClientId(clientId));
  }

  private Optional<ClientSession> byBridgeClientId(String bridgeClientId) {
    return sessions.clients().stream()
        .filter(client -> client.bridgeClientId().equals(bridgeClientId))
        .map(ConnectedClient::session)
        .findFirst();
  }

  /**
   * Adds a listener that ends a user's sign-ins and sockets when the user is disconnected.
   *
   * @param ending called with the user's name on the disconnecting thread; must not block. Returns
   *     the number of things that it ended
   */
  public void endWithUser(ToIntFunction<String> ending) {
    endedWithUser.add(ending);
  }

  /**
   * The result of disconnecting a user.
   *
   * @param clients the number of terminated sessions, including suspended ones
   * @param signIns the number of ended sign-ins and sockets
   */
  public record Disconnected(int clients, int signIns) {}

  /**
   * Terminates every session of a user. Then ends everything that lets the user open sessions
   * without authenticating again. Finally terminates the sessions that were opened meanwhile.
   */
  public Disconnected disconnectUser(String user) {
    Collection<ClientSession> before = sessions.ofUser(user);
    before.forEach(this::end);
    int signIns = endedWithUser.stream().mapToInt(ending -> ending.applyAsInt(user)).sum();
    List<ClientSession> meanwhile =
        sessions.ofUser(user).stream().filter(session -> !before.contains(session)).toList();
    meanwhile.forEach(this::end);
    return new Disconnected(before.size() + meanwhile.size(), signIns);
  }

  private void end(ClientSession session) {
    LOG.info("client terminated by an operator bridge={} {}", bridgeId, session);
    end.accept(session, REASON);
  }
}
