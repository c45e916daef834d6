package io.longspan.bridge;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an operator may see of a bridge and do to it. Every list is a bounded copy; numbers of a
 * moving bridge may be a moment old. Called on any thread; never blocks. Who may call is decided
 * before.
 */
public final class BridgeOperations {
  /** The largest page of a list. */
  public static final int LARGEST_PAGE = 500;

  /** The coded reason of the end of a client that an operator has ended. */
  public static final String REASON = "operator";

  private static final Logger LOG = LoggerFactory.getLogger(BridgeOperations.class);

  /**
   * A part of a list.
   *
   * @param total how long the whole list is
   * @param offset where in it this part begins
   * @param items the part
   */
  public record Page<T>(int total, int offset, List<T> items) {}

  /**
   * A client, from its handshake to its end.
   *
   * @param clientId the Bayeux client id
   * @param bridgeClientId what services know it by; empty while it is not connected
   * @param state {@code handshaken}, {@code connected}, {@code disconnected}, {@code lost} or
   *     {@code ended}
   * @param since when it shook hands
   * @param way how it is reached
   * @param queuedMessages how many messages wait for it
   * @param queuedBytes how many bytes of payload wait for it
   * @param topics how many topics it is subscribed to
   * @param requestsInFlight how many of its requests wait for an answer
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
   * A JMS subscription that clients share.
   *
   * @param topic the logical name, or the pattern
   * @param subscribers how many clients share it
   */
  public record Subscription(String topic, Optional<String> selector, int subscribers) {}

  private final String bridgeId;
  private final SessionRegistry sessions;
  private final TopicSubscriptions subscriptions;
  private final BiConsumer<ClientSession, String> end;
  private final Ticker ticker;
  private final List<ToIntFunction<String>> endedWithUser = new CopyOnWriteArrayList<>();

  /**
   * Creates the view.
   *
   * @param end ends a session for good, for a reason
   */
  BridgeOperations(
      String bridgeId,
      SessionRegistry sessions,
      TopicSubscriptions subscriptions,
      BiConsumer<ClientSession, String> end,
      Ticker ticker) {
    this.bridgeId = bridgeId;
    this.sessions = sessions;
    this.subscriptions = subscriptions;
    this.end = end;
    this.ticker = ticker;
  }

  /**
   * Lists clients, by user and then by age.
   *
   * @param user whose clients; empty for everybody's
   * @param limit at most {@link #LARGEST_PAGE}
   */
  public Page<Client> clients(Optional<String> user, int offset, int limit) {
    Predicate<ClientSession> wanted =
        user.<Predicate<ClientSession>>map(name -> s -> s.identity().user().equals(name))
            .orElse(s -> true);
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
   * Lists the subscriptions that clients share, by topic and selector.
   *
   * @param limit at most {@link #LARGEST_PAGE}
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

  private static <T> Page<T> page(
      Stream<T> items, Comparator<? super T> order, int offset, int limit) {
    if (offset < 0 || limit < 1 || limit > LARGEST_PAGE) {
      throw new IllegalArgumentException("no such page");
    }
    List<T> all = items.sorted(order).toList();
    int from = Math.min(offset, all.size());
    int to = (int) Math.min((long) from + limit, all.size());
    return new Page<>(all.size(), from, List.copyOf(all.subList(from, to)));
  }

  /**
   * Ends a client.
   *
   * @param clientId its Bayeux client id, or the one that services know it by
   * @return whether there was one
   */
  public boolean disconnectClient(String clientId) {
    Optional<ClientSession> session = sessions.find(clientId).or(() -> byBridgeClientId(clientId));
    session.ifPresent(this::end);
    return session.isPresent();
  }

  private Optional<ClientSession> byBridgeClientId(String bridgeClientId) {
    return sessions.clients().stream()
        .filter(client -> client.bridgeClientId().equals(bridgeClientId))
        .map(ConnectedClient::session)
        .findFirst();
  }

  /**
   * Names what else ends when a user is disconnected: sign-ins, sockets.
   *
   * @param ending is called with the user's name on the thread that disconnects, must not block,
   *     and returns how many it has ended
   */
  public void endWithUser(ToIntFunction<String> ending) {
    endedWithUser.add(ending);
  }

  /**
   * What a user was disconnected from.
   *
   * @param clients Bayeux sessions, connected or lost
   * @param signIns sign-ins and sockets
   */
  public record Disconnected(int clients, int signIns) {}

  /**
   * Ends every client of a user, then everything by which the user could open sessions without
   * proving himself anew, then the sessions that were opened meanwhile.
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
    LOG.info("client ended by an operator bridge={} {}", bridgeId, session);
    end.accept(session, REASON);
  }
}
