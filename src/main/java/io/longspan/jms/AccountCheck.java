package io.longspan.jms;

import io.longspan.bridge.ReplyNames;
import io.longspan.catalogue.AccountRight;
import io.longspan.catalogue.AccountRight.Action;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.ReplyMode;
import io.longspan.config.Secrets;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.Optional;

/**
 * Tries out what the bridge's account may do at a broker. Nobody notices: each message is sent in a
 * transaction that is rolled back, and a consumer of a queue has a selector that matches nothing.
 * Used by one thread; blocks, each call for some seconds at most.
 */
public final class AccountCheck implements AutoCloseable {
  private static final String NOTHING = "longspanCheck = 'nothing'";

  /** A message that a broker keeps in spite of the rollback expires. */
  private static final long TIME_TO_LIVE = 10_000;

  private final Broker broker;
  private final JmsProvider provider;
  private Optional<Connection> connection;

  private AccountCheck(Broker broker, JmsProvider provider, Connection connection) {
    this.broker = broker;
    this.provider = provider;
    this.connection = Optional.of(connection);
  }

  /** How the broker has answered an attempt. */
  public enum Answer {
    ALLOWED,
    REFUSED,
    /** The provider cannot try this without a trace. */
    NOT_TRIED
  }

  /**
   * The result of an attempt.
   *
   * @param detail the reason on one line, without credentials; empty if allowed
   */
  public record Attempt(Answer answer, String detail) {
    /** Returns a copy that also says for what the bridge needs the right. */
    public Attempt withReason(String reason) {
      return new Attempt(answer, detail.isEmpty() ? reason : detail + " (" + reason + ")");
    }
  }

  /** No address of the broker accepts the account. */
  public static final class NotConnected extends Exception {
    private static final long serialVersionUID = 1;

    NotConnected(String reason) {
      super(reason);
    }
  }

  /**
   * Connects to one address of a broker.
   *
   * @param broker a broker with one URL
   * @throws NotConnected if that fails; the message says why in one sentence
   */
  public static AccountCheck connect(Broker broker) throws NotConnected {
    JmsProvider provider = JmsMessageBroker.provider(broker);
    try {
      return new AccountCheck(broker, provider, open(broker, provider));
    } catch (JMSException | RuntimeException failure) {
      throw new NotConnected(oneLine(ConnectFailure.of(broker, broker.url(), failure).trouble()));
    }
  }

  private static Connection open(Broker broker, JmsProvider provider) throws JMSException {
    Connection connection =
        BrokerAccount.connect(
            provider.trialFactory(), broker.user(), BrokerAccount.password(broker));
    try {
      // The client of ActiveMQ logs in with the first session.
      connection.createSession(false, Session.AUTO_ACKNOWLEDGE).close();
      return connection;
    } catch (JMSException | RuntimeException refused) {
      closeQuietly(connection);
      throw refused;
    }
  }

  /** Tries out a right. */
  public Attempt attempt(AccountRight right) {
    BrokerDestination wanted = right.destination();
    if (right.action() == Action.SEND) {
      return attempt(
          session -> {
            Destination destination = destination(session, wanted);
            send(destination);
            forget(right, destination);
          });
    }
    return attempt(
        session -> {
          Destination destination = destination(session, wanted);
          receive(session, destination, wanted.kind() == Kind.QUEUE ? NOTHING : null);
          forget(right, destination);
        });
  }

  /**
   * Tries out everything that a way for answers needs.
   *
   * @param names the names of the bridge
   */
  public Attempt attempt(ReplyMode mode, ReplyNames names) {
    return attempt(
        session -> {
          switch (mode) {
            case TEMPORARY_TOPIC -> temporary(session, Kind.TOPIC);
            case TEMPORARY_QUEUE -> temporary(session, Kind.QUEUE);
            case TOPIC -> {
              Destination one = provider.topic(session, names.base() + '.' + AccountRight.EXAMPLE);
              receive(session, one, null);
              receive(session, destination(session, names.allTopics()), null);
              send(one);
            }
            case QUEUE -> {
              // A consumer of the queue itself would take the answers of a running bridge.
              Destination one = provider.queue(session, names.base() + '.' + AccountRight.EXAMPLE);
              receive(session, one, null);
              send(one);
              remove(one);
            }
          }
        });
  }

  private void temporary(Session session, Kind kind) throws JMSException {
    Destination own = JmsTemporaryDestination.create(session, kind);
    receive(session, own, null);
    send(own);
    JmsTemporaryDestination.delete(own);
  }

  private Destination destination(Session session, BrokerDestination wanted) throws JMSException {
    String name = wanted.pattern() ? provider.pattern(wanted.name()) : wanted.name();
    return provider.destination(session, wanted.kind(), name);
  }

  private void receive(Session session, Destination destination, String selector)
      throws JMSException {
    provider.createConsumer(connection.orElseThrow(), session, destination, selector).close();
  }

  private void send(Destination destination) throws JMSException {
    Session transaction = connection.orElseThrow().createSession(true, Session.SESSION_TRANSACTED);
    try {
      provider.tryToSend(transaction, destination, TIME_TO_LIVE);
    } finally {
      closeQuietly(transaction);
    }
  }

  private void forget(AccountRight right, Destination destination) {
    if (right.example() && !right.destination().pattern()) {
      remove(destination);
    }
  }

  /** Removes a destination that only this check uses, if the broker does not do so itself. */
  private void remove(Destination destination) {
    try {
      provider.remove(connection.orElseThrow(), destination);
    } catch (JMSException | RuntimeException refused) {
      // It stays, empty, like those that clients have created by their names.
    }
  }

  private interface Trial {
    void run(Session session) throws JMSException;
  }

  private Attempt attempt(Trial trial) {
    try {
      if (connection.isEmpty()) {
        connection = Optional.of(open(broker, provider));
      }
      Session session = connection.get().createSession(false, Session.AUTO_ACKNOWLEDGE);
      trial.run(session);
      closeQuietly(session);
      return new Attempt(Answer.ALLOWED, "");
    } catch (UnsupportedOperationException | jakarta.jms.InvalidSelectorException unsupported) {
      return new Attempt(Answer.NOT_TRIED, "the provider cannot try this without a trace");
    } catch (JMSException | RuntimeException refused) {
      // Some brokers end the session or the connection with a refusal.
      close();
      return new Attempt(Answer.REFUSED, reason(refused));
    }
  }

  private static String reason(Throwable refused) {
    String text = JmsErrors.text(refused);
    Throwable cause = refused.getCause();
    // RabbitMQ's client only says that something has failed; its cause says what.
    boolean more =
        cause != null && cause.getMessage() != null && !text.contains(cause.getMessage());
    return oneLine(more ? text + ": " + Secrets.masked(cause.getMessage()) : text);
  }

  private static String oneLine(String text) {
    return text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
  }

  private static void closeQuietly(Session session) {
    try {
      session.close();
    } catch (JMSException | RuntimeException ended) {
      // The broker has ended it.
    }
  }

  /** Closes the connection. */
  @Override
  public void close() {
    Optional<Connection> open = connection;
    connection = Optional.empty();
    open.ifPresent(AccountCheck::closeQuietly);
  }

  private static void closeQuietly(Connection ended) {
    try {
      ended.close();
    } catch (JMSException | RuntimeException closed) {
      // The broker has ended it.
    }
  }
}
