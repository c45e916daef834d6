package io.longspan.config;

import io.longspan.tls.ClientTls;
import io.longspan.tls.ServerTls;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The complete configuration of one bridge. {@link ConfigLoader} creates it and has validated every
 * value; the constructors do not validate. Immutable.
 *
 * @param http the address of the embedded server; a container ignores it
 * @param bridge the identity of this bridge
 * @param broker the connection to the default JMS broker
 * @param brokers the connections to further brokers by name, in the order of the configuration
 * @param users the embedded server's users, in Jetty's properties format; empty for the demo users
 * @param catalogue the destination catalogue; empty for the demo catalogue
 * @param session the lifetimes of sessions
 * @param limits the resources that one message, client or user may use
 * @param security the allowed origins, and the addresses that may read metrics
 * @param tokens which bearer tokens are accepted
 * @param identity the key that signs messages for back ends
 * @param local the local services
 * @param server the start of the embedded server
 * @param tracing where spans are sent to
 * @param logging the form of the log
 * @param audit where the audit log goes
 * @param demo whether the demo services also run on a configured broker
 */
public record LongspanConfig(
    Http http,
    Bridge bridge,
    Broker broker,
    Map<String, Broker> brokers,
    Optional<Path> users,
    Optional<Path> catalogue,
    Session session,
    Limits limits,
    Security security,
    Tokens tokens,
    MessageIdentity identity,
    Local local,
    Server server,
    Tracing tracing,
    Logging logging,
    Audit audit,
    boolean demo) {

  public LongspanConfig {
    brokers = Collections.unmodifiableMap(new LinkedHashMap<>(brokers));
  }

  /**
   * Returns a broker.
   *
   * @param name its name in the section {@code brokers}; empty for the default one
   */
  public Broker broker(String name) {
    return name.isEmpty() ? broker : Objects.requireNonNull(brokers.get(name), name);
  }

  /** Returns a copy of this configuration with another default broker. */
  public LongspanConfig withBroker(Broker other) {
    return new LongspanConfig(
        http, bridge, other, brokers, users, catalogue, session, limits, security, tokens, identity,
        local, server, tracing, logging, audit, demo);
  }

  /**
   * The address of the embedded server.
   *
   * @param host the host name or IP address to bind
   * @param port the port, 0 to 65535; 0 selects a free port
   * @param contextPath the context path; begins with a slash
   * @param trustedProxies addresses and networks (CIDR) whose forwarding headers are accepted
   * @param tls the certificate of the server; empty: the server speaks plain HTTP
   * @param http2 whether the server speaks HTTP/2 in addition to HTTP/1.1
   */
  public record Http(
      String host,
      int port,
      String contextPath,
      List<String> trustedProxies,
      Optional<ServerTls> tls,
      boolean http2) {

    public Http {
      trustedProxies = List.copyOf(trustedProxies);
    }
  }

  /**
   * The identity of this bridge among other bridges.
   *
   * @param id the value of {@code X-Bridge-Id} and of the JMS property {@code bridgeId}
   * @param channelRoot the root of the bridge's Bayeux channels; {@code /anzo} by default
   * @param readyBrokers which brokers must be connected so that the bridge is ready
   */
  public record Bridge(String id, String channelRoot, ReadyBrokers readyBrokers) {}

  /** Which brokers must be connected so that the bridge is ready for clients. */
  public enum ReadyBrokers {
    DEFAULT,
    ALL
  }

  /** The JMS providers that the bridge supports. */
  public enum Provider {
    EMBEDDED,
    ACTIVEMQ,
    ARTEMIS,
    AMQP,
    RABBITMQ,
    JNDI,
    /** No JMS at all: local services and topics only. */
    NONE
  }

  /**
   * The destination syntax of the broker. The providers {@code amqp} and {@code jndi} can connect
   * to brokers of several syntaxes.
   */
  public enum Dialect {
    ACTIVEMQ,
    ARTEMIS,
    RABBITMQ,
    IBMMQ,
    SOLACE;

    /** Returns whether slashes separate the levels of a topic, instead of dots. */
    public boolean hasSlashes() {
      return this == IBMMQ || this == SOLACE;
    }
  }

  /** How answers come back from services (protocol section 14). */
  public enum ReplyMode {
    /** One temporary topic for each client. */
    TEMPORARY_TOPIC,
    /** One temporary queue for each client. */
    TEMPORARY_QUEUE,
    /** One topic with a random name for each client, and one consumer for all. */
    TOPIC,
    /** One queue for each bridge. */
    QUEUE;

    /** Returns the mode with a name of the configuration, for example {@code temporaryTopic}. */
    public static Optional<ReplyMode> named(String word) {
      return ValueTypes.constant(ReplyMode.class, word);
    }
  }

  /**
   * The reply destinations of a broker.
   *
   * @param mode how answers come back, unless a catalogue entry says otherwise
   * @param prefix the JMS name under which {@code TOPIC} and {@code QUEUE} have their destinations
   */
  public record Replies(ReplyMode mode, String prefix) {
    /** The default of the configuration. */
    public static final Replies DEFAULT = new Replies(ReplyMode.TEMPORARY_TOPIC, "longspan.reply");

    /**
     * Returns the JMS name under which one bridge has its destinations.
     *
     * @param bridgeId the bridge's id; a dot in it does not separate levels of the name
     */
    public String base(String bridgeId) {
      return prefix + '.' + bridgeId.replace(".", "%2E");
    }
  }

  /** The order in which the addresses of a broker are tried. */
  public enum AddressOrder {
    IN_ORDER,
    RANDOM
  }

  /**
   * The JMS broker.
   *
   * @param provider the JMS client to use
   * @param urls the provider's own URLs of one broker, without fail-over options. Empty for {@code
   *     jndi}, and for {@code embedded} until {@link #withUrl} sets the address of the started
   *     broker
   * @param order the order in which the URLs are tried
   * @param user the bridge's account at the broker; empty for none
   * @param password the password of the account; empty for none; never logged
   * @param dialect the broker's destination syntax
   * @param replies the reply destinations
   * @param jndi the settings of the provider {@code jndi}
   * @param passwordFile the file that contains the password instead; read at each connect
   * @param tls the TLS settings of each connection; empty if the URL alone decides
   */
  public record Broker(
      Provider provider,
      List<String> urls,
      AddressOrder order,
      String user,
      String password,
      Dialect dialect,
      Replies replies,
      Jndi jndi,
      Optional<Path> passwordFile,
      Optional<ClientTls> tls) {

    /** Creates a broker with one address and temporary topics for answers, without files. */
    public Broker(
        Provider provider, String url, String user, String password, Dialect dialect, Jndi jndi) {
      this(
          provider,
          List.of(url),
          AddressOrder.IN_ORDER,
          user,
          password,
          dialect,
          Replies.DEFAULT,
          jndi,
          Optional.empty(),
          Optional.empty());
    }

    public Broker {
      urls = List.copyOf(urls);
    }

    /** Returns the first URL; empty if there is none. */
    public String url() {
      return urls.isEmpty() ? "" : urls.get(0);
    }

    /** Returns a copy with one other URL. */
    public Broker withUrl(String other) {
      return new Broker(
          provider,
          List.of(other),
          order,
          user,
          password,
          dialect,
          replies,
          jndi,
          passwordFile,
          tls);
    }

    /** Returns a text without the password and without the URL's credentials. */
    @Override
    public String toString() {
      return "Broker[provider=%s, urls=%s, user=%s]"
          .formatted(provider, Secrets.masked(String.join(" ", urls)), user);
    }
  }

  /**
   * A {@code ConnectionFactory} in JNDI.
   *
   * @param connectionFactory its JNDI name; empty unless the provider is {@code jndi}
   * @param environment the properties of the initial context; empty for the container's own context
   */
  public record Jndi(String connectionFactory, Map<String, String> environment) {

    public Jndi {
      environment = Map.copyOf(environment);
    }

    /** Returns a text without the values of the environment, which may contain credentials. */
    @Override
    public String toString() {
      return "Jndi[connectionFactory=%s, environment=%s]"
          .formatted(connectionFactory, environment.keySet());
    }
  }

  /**
   * The lifetimes of sessions and sign-ins.
   *
   * @param timeout how long a {@code /meta/connect} is held if there is nothing to deliver
   * @param maxInterval the time after the end of its last {@code /meta/connect} until a session is
   *     reaped
   * @param resumeWindow how long a suspended client can resume; zero disables resuming
   * @param idleTimeout the time without messages from or to a client until its session is
   *     terminated; heartbeats are not messages; zero disables it
   * @param drainTimeout how long a stopping bridge waits at most for open requests, queued
   *     messages, and clients that move
   * @param signInLifetime the maximum lifetime of a sign-in's cookie
   * @param recheckCredentials the interval at which the realm is asked again whether each user
   *     still exists, and with which roles; zero disables it
   * @param receiptDelay how long the receipt of a request or of a command waits at most for the
   *     answer, to be written together with it over WebSocket. The answer to a settlement and the
   *     next message wait for each other as long. Zero disables it
   */
  public record Session(
      Duration timeout,
      Duration maxInterval,
      Duration resumeWindow,
      Duration idleTimeout,
      Duration drainTimeout,
      Duration signInLifetime,
      Duration recheckCredentials,
      Duration receiptDelay) {}

  /**
   * The resources that one message, client or user may use.
   *
   * @param messageBytes the maximum size of a message forwarded into JMS, in bytes of body and
   *     properties
   * @param propertyBytes the maximum length of a string property of such a message, in bytes of
   *     UTF-8
   * @param jsonDepth the maximum nesting depth of a message's JSON
   * @param topicsPerClient the maximum number of topic subscriptions of one session
   * @param sessionsPerUser the maximum number of connected sessions of one user
   * @param requestsInFlight the maximum number of requests in flight of one session
   * @param queueMessages the maximum number of messages that wait for one client
   * @param queueBytes the maximum number of bytes that wait for one client
   * @param messagesPerSecond the maximum number of messages that one session may publish per second
   * @param connectionsPerAddress the maximum number of connections from one remote address to the
   *     embedded server; a container ignores it
   * @param connectionsPerUser the maximum number of open WebSockets of one user. The embedded
   *     server also never closes this many HTTP connections of one user in favour of newer ones
   * @param topicsPerUser the maximum number of topic subscriptions of all sessions of one user
   * @param queueConsumers the maximum number of subscriptions to queues, of all clients
   * @param durableSubscriptions the maximum number of durable subscriptions in use, of all clients
   * @param handshakesAtOnce the maximum number of clients that connect at a time, from the
   *     handshake to the answer to {@code connect}; one user has at most half of them
   * @param handshakesWaiting the maximum number of handshakes that wait for this; the client of a
   *     further one is asked to come back later
   * @param signInsPerUser the maximum number of sign-ins of one user; a further sign-in ends the
   *     oldest
   * @param userBytes the maximum memory that the bridge uses for one user, in bytes
   * @param totalBytes the maximum memory that the bridge uses for all users, in bytes
   */
  public record Limits(
      long messageBytes,
      long propertyBytes,
      int jsonDepth,
      int topicsPerClient,
      int sessionsPerUser,
      int requestsInFlight,
      int queueMessages,
      long queueBytes,
      int messagesPerSecond,
      int connectionsPerAddress,
      int connectionsPerUser,
      int topicsPerUser,
      int queueConsumers,
      int durableSubscriptions,
      int handshakesAtOnce,
      int handshakesWaiting,
      int signInsPerUser,
      long userBytes,
      long totalBytes) {}

  /**
   * Access from other origins and other machines.
   *
   * @param allowedOrigins other origins that may use the endpoint, for example {@code
   *     https://app.example.org}; the same origin is always allowed
   * @param metricsFrom remote addresses that may read {@code /metrics} without credentials
   */
  public record Security(List<String> allowedOrigins, List<String> metricsFrom) {

    public Security {
      allowedOrigins = List.copyOf(allowedOrigins);
      metricsFrom = List.copyOf(metricsFrom);
    }
  }

  /**
   * Which bearer tokens (JWT) are accepted.
   *
   * @param keys the JWKS file or URL; empty: no token is accepted, and the other fields are unused
   * @param issuer the required {@code iss} of a token; empty only without {@code keys}
   * @param audience the audience that {@code aud} must contain; empty only without {@code keys}
   * @param algorithms the accepted signature algorithms, all asymmetric, for example {@code RS256}
   * @param userClaim the claim that holds the user's name
   * @param rolesClaim the claim that holds the user's roles: an array of strings, or one string
   *     with spaces between the roles
   */
  public record Tokens(
      Optional<URI> keys,
      String issuer,
      String audience,
      List<String> algorithms,
      String userClaim,
      String rolesClaim) {

    public Tokens {
      algorithms = List.copyOf(algorithms);
    }

    /** Returns a text without credentials in the URL of the keys. */
    @Override
    public String toString() {
      return "Tokens[keys=%s, issuer=%s, audience=%s]"
          .formatted(keys.map(URI::toString).map(Secrets::masked), issuer, audience);
    }
  }

  /**
   * Verifiable identity: a signature by which back ends verify the sender of a message.
   *
   * @param signingKey the file of a private key (JWK) that signs {@code bridgeSignature}; empty:
   *     messages are not signed
   */
  public record MessageIdentity(Optional<Path> signingKey) {}

  /**
   * The form of the log.
   *
   * @param format lines for people, or JSON for a log store
   */
  public record Logging(LogFormat format) {}

  /** The forms of a log line. */
  public enum LogFormat {
    TEXT,
    JSON
  }

  /**
   * Where the audit log goes; at most one of both.
   *
   * @param file an absolute path
   * @param topic a JMS topic of the default broker
   */
  public record Audit(Optional<Path> file, Optional<String> topic) {}

  /**
   * The services inside the bridge's process.
   *
   * @param threads the maximum number of threads of one service that may block
   */
  public record Local(int threads) {}

  /**
   * The start of the embedded server.
   *
   * @param warmUp how long the server exercises its code before it is ready; zero: not at all
   */
  public record Server(Duration warmUp) {}

  /**
   * Spans of messages, by OpenTelemetry.
   *
   * @param endpoint the collector (OTLP over HTTP), without a slash at the end; empty: no tracing
   * @param sample the share of the messages of clients that are traced, 0 to 1
   */
  public record Tracing(Optional<String> endpoint, double sample) {}
}
