package io.longspan.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The whole configuration of one bridge, valid once constructed.
 *
 * @param http where the embedded server listens; a container ignores it
 * @param bridge who this bridge is
 * @param broker how the JMS broker is reached
 * @param users the embedded server's users, in Jetty's properties form; empty for the demo users
 * @param catalogue the destination catalogue; empty for the demo catalogue
 * @param session how long web clients are kept
 * @param limits what one web client, user or message may use
 * @param security who may use the endpoint from elsewhere, and read the metrics
 * @param tokens which bearer tokens are believed
 * @param identity how back ends can verify who a message is from
 * @param demo whether the demo services run on a configured broker too
 */
public record LongspanConfig(
    Http http,
    Bridge bridge,
    Broker broker,
    Optional<Path> users,
    Optional<Path> catalogue,
    Session session,
    Limits limits,
    Security security,
    Tokens tokens,
    MessageIdentity identity,
    boolean demo) {

  /** The same configuration with another broker. */
  public LongspanConfig withBroker(Broker other) {
    return new LongspanConfig(
        http, bridge, other, users, catalogue, session, limits, security, tokens, identity, demo);
  }

  /**
   * The embedded server's address.
   *
   * @param host the address to bind
   * @param port 0 to 65535; 0 takes a free port
   * @param contextPath begins with a slash
   * @param trustedProxies addresses and networks (CIDR) whose forwarding headers are used
   */
  public record Http(String host, int port, String contextPath, List<String> trustedProxies) {

    public Http {
      trustedProxies = List.copyOf(trustedProxies);
    }
  }

  /**
   * This bridge's name among bridges.
   *
   * @param id sent as {@code X-Bridge-Id} and as the JMS property {@code bridgeId}
   * @param channelRoot the root of the bridge's Bayeux channels, {@code /anzo} by default
   */
  public record Bridge(String id, String channelRoot) {}

  /** The JMS providers that the bridge can use. */
  public enum Provider {
    EMBEDDED,
    ACTIVEMQ,
    ARTEMIS,
    AMQP,
    JNDI
  }

  /** The destination syntax of the broker behind a provider that can talk to several. */
  public enum Dialect {
    ACTIVEMQ,
    ARTEMIS
  }

  /**
   * The JMS broker.
   *
   * @param provider which JMS client is used
   * @param url the provider's own URL, without fail-over options; empty for {@code embedded} (until
   *     {@link #withUrl} names the broker that was started) and {@code jndi}
   * @param user the bridge's own account; empty for none
   * @param password its password, empty for none; never logged
   * @param dialect the destination syntax of the broker
   * @param jndi what {@code jndi} needs
   */
  public record Broker(
      Provider provider, String url, String user, String password, Dialect dialect, Jndi jndi) {

    /** The same broker at another URL. */
    public Broker withUrl(String other) {
      return new Broker(provider, other, user, password, dialect, jndi);
    }

    /** Without the password, and without credentials in the URL. */
    @Override
    public String toString() {
      return "Broker[provider=%s, url=%s, user=%s]".formatted(provider, Secrets.masked(url), user);
    }
  }

  /**
   * A {@code ConnectionFactory} from JNDI.
   *
   * @param connectionFactory its JNDI name; empty unless the provider is {@code jndi}
   * @param environment the properties of the initial context; empty for the container's own
   */
  public record Jndi(String connectionFactory, Map<String, String> environment) {

    public Jndi {
      environment = Map.copyOf(environment);
    }

    /** Without the environment's values, which may hold credentials. */
    @Override
    public String toString() {
      return "Jndi[connectionFactory=%s, environment=%s]"
          .formatted(connectionFactory, environment.keySet());
    }
  }

  /**
   * How long web clients are kept.
   *
   * @param timeout how long a {@code /meta/connect} is held
   * @param maxInterval how long after its last {@code /meta/connect} a session is reaped
   * @param resumeWindow how long a lost session can be taken over
   * @param idleTimeout how long a client may be without sending or being sent anything but
   *     heartbeats before its session is ended; zero for ever
   * @param drainTimeout how long a bridge that is being stopped waits for open requests and for
   *     clients to move
   * @param signInLifetime how long after a sign-in its cookie is valid at most
   * @param recheckCredentials how often the realm is asked again whether a user still exists and
   *     which roles it has; zero: never
   */
  public record Session(
      Duration timeout,
      Duration maxInterval,
      Duration resumeWindow,
      Duration idleTimeout,
      Duration drainTimeout,
      Duration signInLifetime,
      Duration recheckCredentials) {}

  /**
   * What one message, client or user may use.
   *
   * @param messageBytes the largest message forwarded into JMS, in bytes of its body and properties
   * @param propertyBytes the longest string property of such a message, in bytes of UTF-8
   * @param jsonDepth how deep a message's JSON may nest
   * @param topicsPerClient topic subscriptions of one session
   * @param sessionsPerUser connected sessions of one user
   * @param requestsInFlight requests of one session that wait for an answer
   * @param queueMessages messages that wait for one client
   * @param queueBytes bytes that wait for one client
   * @param messagesPerSecond messages that one session may publish in a second
   * @param connectionsPerAddress connections that one remote address may have to the embedded
   *     server; a container ignores it
   * @param connectionsPerUser WebSockets that one user may have
   * @param topicsPerUser topic subscriptions of all sessions of one user
   * @param signInsPerUser signed-in HTTP sessions of one user; the oldest ends
   * @param userBytes memory that the bridge may use on behalf of one user
   * @param totalBytes memory that the bridge may use on behalf of all users
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
      int signInsPerUser,
      long userBytes,
      long totalBytes) {}

  /**
   * Who may come from elsewhere.
   *
   * @param allowedOrigins other origins that may use the endpoint, such as {@code
   *     https://app.example.org}; the same origin always may
   * @param metricsFrom remote addresses that may read {@code /metrics} without credentials
   */
  public record Security(List<String> allowedOrigins, List<String> metricsFrom) {

    public Security {
      allowedOrigins = List.copyOf(allowedOrigins);
      metricsFrom = List.copyOf(metricsFrom);
    }
  }

  /**
   * Which bearer tokens (JWT) are believed.
   *
   * @param keys a JWKS file or URL; empty: no tokens are believed, and the rest is unused
   * @param issuer the {@code iss} that a token must have; empty only without {@code keys}
   * @param audience the {@code aud} that a token must name; empty only without {@code keys}
   * @param algorithms the signature algorithms that are believed, such as {@code RS256}; asymmetric
   * @param userClaim the claim that holds the user's name
   * @param rolesClaim the claim that holds the user's roles: an array of strings, or one string
   *     with spaces between them
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

    /** Without credentials in the URL of the keys. */
    @Override
    public String toString() {
      return "Tokens[keys=%s, issuer=%s, audience=%s]"
          .formatted(keys.map(URI::toString).map(Secrets::masked), issuer, audience);
    }
  }

  /**
   * How back ends can verify who a message is from.
   *
   * @param signingKey a private key as JWK, with which {@code bridgeSignature} is made; empty: no
   *     message is signed
   */
  public record MessageIdentity(Optional<Path> signingKey) {}
}
