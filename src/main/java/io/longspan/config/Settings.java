package io.longspan.config;

import io.longspan.config.LongspanConfig.AddressOrder;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.LogFormat;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.config.LongspanConfig.ReadyBrokers;
import io.longspan.config.LongspanConfig.ReplyMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * All keys with their types and defaults, in the order of the components of {@link LongspanConfig}.
 */
final class Settings {

  static final Setting<String> HTTP_HOST =
      Setting.of(
          "http.host",
          ValueTypes.pattern("[A-Za-z0-9.:_%-]{1,253}", "a host name or an IP address"),
          "127.0.0.1");
  static final Setting<Integer> HTTP_PORT =
      Setting.of("http.port", ValueTypes.wholeNumber(0, 65_535), "8080");
  static final Setting<String> HTTP_CONTEXT_PATH =
      Setting.of(
          "http.contextPath",
          ValueTypes.pattern(
              "/|(/(?!\\.{1,2}(/|$))[A-Za-z0-9._~-]+)+",
              "/ or segments of A-Z a-z 0-9 . _ ~ - that each follow a /"),
          "/");
  static final Setting<List<String>> HTTP_TRUSTED_PROXIES =
      Setting.of("http.trustedProxies", ValueTypes.networks(), "");

  static final Setting<Path> HTTP_TLS_CERTIFICATE =
      Setting.optional(
          "http.tls.certificate",
          ValueTypes.path("a readable PEM file with the certificate chain of the server"));
  static final Setting<Path> HTTP_TLS_KEY =
      Setting.optional(
          "http.tls.key",
          ValueTypes.path("a readable PEM file with the private key of the server"));
  static final Setting<Boolean> HTTP_HTTP2 = Setting.of("http.http2", ValueTypes.truth(), "false");

  static final Setting<String> BRIDGE_ID =
      Setting.of(
          "bridge.id",
          ValueTypes.pattern("[A-Za-z0-9._-]{1,64}", "1 to 64 characters of A-Z a-z 0-9 . _ -"),
          "bridge-1");
  static final Setting<String> BRIDGE_CHANNEL_ROOT =
      Setting.of(
          "bridge.channelRoot",
          ValueTypes.pattern(
              "(?!/(meta|service)(/|$))(?=.{1,100}$)(/[A-Za-z0-9_-]+)+",
              "segments of A-Z a-z 0-9 _ - that each follow a /, 100 characters at most,"
                  + " not under /meta or /service"),
          "/anzo");
  static final Setting<ReadyBrokers> BRIDGE_READY_BROKERS =
      Setting.of("bridge.readyBrokers", ValueTypes.oneOf(ReadyBrokers.class), "default");

  static final Setting<Provider> BROKER_PROVIDER =
      Setting.of("broker.provider", ValueTypes.oneOf(Provider.class), "embedded");
  static final Setting<String> BROKER_URL =
      Setting.optional("broker.url", ValueTypes.text("the provider's URL, on one line"));
  static final Setting<List<String>> BROKER_URLS =
      Setting.optional("broker.urls", ValueTypes.urls());
  static final Setting<AddressOrder> BROKER_ORDER =
      Setting.optional("broker.order", ValueTypes.oneOf(AddressOrder.class));
  static final Setting<String> BROKER_USER =
      Setting.optional("broker.user", ValueTypes.text("text on one line"));
  static final Setting<String> BROKER_PASSWORD =
      Setting.secret("broker.password", ValueTypes.text("text on one line"));
  static final Setting<Path> BROKER_PASSWORD_FILE =
      Setting.optional(
          "broker.passwordFile", ValueTypes.path("a readable file with the password on one line"));
  static final Setting<Path> BROKER_TLS_TRUST_STORE =
      Setting.optional(
          "broker.tls.trustStore",
          ValueTypes.path("a readable file with certificates of CAs, in PEM or PKCS#12"));
  static final Setting<String> BROKER_TLS_TRUST_STORE_PASSWORD =
      Setting.secret("broker.tls.trustStorePassword", ValueTypes.text("text on one line"));
  static final Setting<Path> BROKER_TLS_KEY_STORE =
      Setting.optional(
          "broker.tls.keyStore",
          ValueTypes.path(
              "a readable file with a private key and its certificate chain, in PEM or PKCS#12"));
  static final Setting<String> BROKER_TLS_KEY_STORE_PASSWORD =
      Setting.secret("broker.tls.keyStorePassword", ValueTypes.text("text on one line"));
  static final Setting<Boolean> BROKER_TLS_VERIFY_HOSTNAME =
      Setting.of("broker.tls.verifyHostname", ValueTypes.truth(), "true");
  static final Setting<Dialect> BROKER_DIALECT =
      Setting.optional("broker.dialect", ValueTypes.oneOf(Dialect.class));
  static final Setting<ReplyMode> BROKER_REPLIES =
      Setting.of("broker.replies", ValueTypes.oneOf(ReplyMode.class), "temporaryTopic");
  static final Setting<String> BROKER_REPLY_PREFIX =
      Setting.of(
          "broker.replyPrefix",
          ValueTypes.pattern(
              "(?=.{1,100}$)[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*",
              "1 to 100 characters: names of A-Z a-z 0-9 _ - with dots between them"),
          "longspan.reply");
  static final Setting<String> BROKER_JNDI_CONNECTION_FACTORY =
      Setting.optional(
          "broker.jndi.connectionFactory",
          ValueTypes.pattern("[^\\p{Cntrl}\\s]+", "a JNDI name without spaces"));
  static final Setting<Map<String, String>> BROKER_JNDI_ENVIRONMENT =
      Setting.secret(
          "broker.jndi.environment", new ValueType.MapOfTexts("a mapping of names to texts"));

  static final Setting<Path> USERS =
      Setting.optional("users", ValueTypes.path("a readable file in Jetty's form of properties"));
  static final Setting<Path> CATALOGUE =
      Setting.optional("catalogue", ValueTypes.path("a readable YAML file"));

  static final Setting<Duration> SESSION_TIMEOUT =
      Setting.of("session.timeout", ValueTypes.duration("100ms", "10m"), "30s");
  static final Setting<Duration> SESSION_MAX_INTERVAL =
      Setting.of("session.maxInterval", ValueTypes.duration("100ms", "1h"), "30s");
  static final Setting<Duration> SESSION_RESUME_WINDOW =
      Setting.of("session.resumeWindow", ValueTypes.duration("0s", "24h"), "60s");
  static final Setting<Duration> SESSION_IDLE_TIMEOUT =
      Setting.of("session.idleTimeout", ValueTypes.duration("0s", "24h"), "0s");
  static final Setting<Duration> SESSION_DRAIN_TIMEOUT =
      Setting.of("session.drainTimeout", ValueTypes.duration("0s", "10m"), "10s");
  static final Setting<Duration> SESSION_SIGN_IN_LIFETIME =
      Setting.of("session.signInLifetime", ValueTypes.duration("1s", "8760h"), "24h");
  static final Setting<Duration> SESSION_RECHECK_CREDENTIALS =
      Setting.of("session.recheckCredentials", ValueTypes.duration("0s", "24h"), "5m");
  static final Setting<Duration> SESSION_RECEIPT_DELAY =
      Setting.of("session.receiptDelay", ValueTypes.duration("0s", "1s"), "50ms");

  static final Setting<Long> LIMITS_MESSAGE_BYTES =
      Setting.of("limits.messageBytes", ValueTypes.size("1", "64MiB"), "256KiB");
  static final Setting<Long> LIMITS_PROPERTY_BYTES =
      Setting.of("limits.propertyBytes", ValueTypes.size("64", "64KiB"), "1KiB");
  static final Setting<Integer> LIMITS_JSON_DEPTH =
      Setting.of("limits.jsonDepth", ValueTypes.wholeNumber(4, 500), "32");
  static final Setting<Integer> LIMITS_TOPICS_PER_CLIENT =
      Setting.of("limits.topicsPerClient", ValueTypes.wholeNumber(1, 100_000), "1000");
  static final Setting<Integer> LIMITS_SESSIONS_PER_USER =
      Setting.of("limits.sessionsPerUser", ValueTypes.wholeNumber(1, 1_000_000), "100");
  static final Setting<Integer> LIMITS_REQUESTS_IN_FLIGHT =
      Setting.of("limits.requestsInFlight", ValueTypes.wholeNumber(1, 1_000_000), "1000");
  static final Setting<Integer> LIMITS_QUEUE_MESSAGES =
      Setting.of("limits.queueMessages", ValueTypes.wholeNumber(1, 1_000_000), "10000");
  static final Setting<Long> LIMITS_QUEUE_BYTES =
      Setting.of("limits.queueBytes", ValueTypes.size("1KiB", "1GiB"), "8MiB");
  static final Setting<Integer> LIMITS_MESSAGES_PER_SECOND =
      Setting.of("limits.messagesPerSecond", ValueTypes.wholeNumber(1, 1_000_000), "1000");
  static final Setting<Integer> LIMITS_CONNECTIONS_PER_ADDRESS =
      Setting.of("limits.connectionsPerAddress", ValueTypes.wholeNumber(1, 1_000_000), "20000");
  static final Setting<Integer> LIMITS_CONNECTIONS_PER_USER =
      Setting.of("limits.connectionsPerUser", ValueTypes.wholeNumber(1, 1_000_000), "1000");
  static final Setting<Integer> LIMITS_TOPICS_PER_USER =
      Setting.of("limits.topicsPerUser", ValueTypes.wholeNumber(1, 1_000_000), "10000");
  static final Setting<Integer> LIMITS_QUEUE_CONSUMERS =
      Setting.of("limits.queueConsumers", ValueTypes.wholeNumber(0, 100_000), "1000");
  static final Setting<Integer> LIMITS_DURABLE_SUBSCRIPTIONS =
      Setting.of("limits.durableSubscriptions", ValueTypes.wholeNumber(0, 100_000), "1000");
  static final Setting<Integer> LIMITS_HANDSHAKES_AT_ONCE =
      Setting.of("limits.handshakesAtOnce", ValueTypes.wholeNumber(2, 100_000), "2000");
  static final Setting<Integer> LIMITS_HANDSHAKES_WAITING =
      Setting.of("limits.handshakesWaiting", ValueTypes.wholeNumber(0, 100_000), "2000");
  static final Setting<Integer> LIMITS_SIGN_INS_PER_USER =
      Setting.of("limits.signInsPerUser", ValueTypes.wholeNumber(1, 1_000_000), "100");
  static final Setting<Long> LIMITS_USER_BYTES =
      Setting.optional("limits.userBytes", ValueTypes.size("64KiB", "1024GiB"));
  static final Setting<Long> LIMITS_TOTAL_BYTES =
      Setting.optional("limits.totalBytes", ValueTypes.size("1MiB", "1024GiB"));

  static final Setting<List<String>> SECURITY_ALLOWED_ORIGINS =
      Setting.of("security.allowedOrigins", ValueTypes.origins(), "");
  static final Setting<List<String>> SECURITY_METRICS_FROM =
      Setting.of("security.metricsFrom", ValueTypes.addresses(), "127.0.0.1, ::1");

  static final Setting<String> TOKENS_KEYS =
      Setting.optional(
          "tokens.keys", ValueTypes.fileOrUrl("a readable JWKS file, or an https URL of one"));
  static final Setting<String> TOKENS_ISSUER =
      Setting.optional("tokens.issuer", ValueTypes.text("text on one line"));
  static final Setting<String> TOKENS_AUDIENCE =
      Setting.optional("tokens.audience", ValueTypes.text("text on one line"));
  static final Setting<List<String>> TOKENS_ALGORITHMS =
      Setting.of("tokens.algorithms", ValueTypes.signatureAlgorithms(), "RS256, ES256");
  static final Setting<String> TOKENS_USER_CLAIM =
      Setting.of("tokens.userClaim", ValueTypes.pattern("\\S+", "the name of a claim"), "sub");
  static final Setting<String> TOKENS_ROLES_CLAIM =
      Setting.of("tokens.rolesClaim", ValueTypes.pattern("\\S+", "the name of a claim"), "roles");

  static final Setting<Path> IDENTITY_SIGNING_KEY =
      Setting.optional(
          "identity.signingKey", ValueTypes.path("a readable file with a private key as JWK"));

  static final Setting<Integer> LOCAL_THREADS =
      Setting.of("local.threads", ValueTypes.wholeNumber(1, 1000), "16");

  static final Setting<Duration> SERVER_WARM_UP =
      Setting.of("server.warmUp", ValueTypes.duration("0s", "1m"), "3s");

  static final Setting<String> TRACING_ENDPOINT =
      Setting.optional(
          "tracing.endpoint",
          ValueTypes.pattern(
              "https?://[A-Za-z0-9.:_%\\[\\]-]+(/[A-Za-z0-9._~/-]*)?",
              "an http or https URL without user, query and fragment"));
  static final Setting<String> TRACING_SAMPLE =
      Setting.of(
          "tracing.sample",
          ValueTypes.pattern("0|1|1\\.0|0?\\.[0-9]{1,9}", "a number from 0 to 1"),
          "0.1");

  static final Setting<LogFormat> LOGGING_FORMAT =
      Setting.of("logging.format", ValueTypes.oneOf(LogFormat.class), "text");
  static final Setting<Path> AUDIT_FILE =
      Setting.optional("audit.file", ValueTypes.path("a file in a writable folder"));
  static final Setting<String> AUDIT_TOPIC =
      Setting.optional(
          "audit.topic",
          ValueTypes.pattern(
              "bridge/[A-Za-z0-9_-]{1,64}", "bridge/ and 1 to 64 characters of A-Z a-z 0-9 _ -"));

  static final Setting<Boolean> DEMO = Setting.of("demo", ValueTypes.truth(), "false");

  private static final List<Setting<?>> ALL =
      List.of(
          HTTP_HOST,
          HTTP_PORT,
          HTTP_CONTEXT_PATH,
          HTTP_TRUSTED_PROXIES,
          HTTP_TLS_CERTIFICATE,
          HTTP_TLS_KEY,
          HTTP_HTTP2,
          BRIDGE_ID,
          BRIDGE_CHANNEL_ROOT,
          BRIDGE_READY_BROKERS,
          BROKER_PROVIDER,
          BROKER_URL,
          BROKER_URLS,
          BROKER_ORDER,
          BROKER_USER,
          BROKER_PASSWORD,
          BROKER_PASSWORD_FILE,
          BROKER_TLS_TRUST_STORE,
          BROKER_TLS_TRUST_STORE_PASSWORD,
          BROKER_TLS_KEY_STORE,
          BROKER_TLS_KEY_STORE_PASSWORD,
          BROKER_TLS_VERIFY_HOSTNAME,
          BROKER_DIALECT,
          BROKER_REPLIES,
          BROKER_REPLY_PREFIX,
          BROKER_JNDI_CONNECTION_FACTORY,
          BROKER_JNDI_ENVIRONMENT,
          USERS,
          CATALOGUE,
          SESSION_TIMEOUT,
          SESSION_MAX_INTERVAL,
          SESSION_RESUME_WINDOW,
          SESSION_IDLE_TIMEOUT,
          SESSION_DRAIN_TIMEOUT,
          SESSION_SIGN_IN_LIFETIME,
          SESSION_RECHECK_CREDENTIALS,
          SESSION_RECEIPT_DELAY,
          LIMITS_MESSAGE_BYTES,
          LIMITS_PROPERTY_BYTES,
          LIMITS_JSON_DEPTH,
          LIMITS_TOPICS_PER_CLIENT,
          LIMITS_SESSIONS_PER_USER,
          LIMITS_REQUESTS_IN_FLIGHT,
          LIMITS_QUEUE_MESSAGES,
          LIMITS_QUEUE_BYTES,
          LIMITS_MESSAGES_PER_SECOND,
          LIMITS_CONNECTIONS_PER_ADDRESS,
          LIMITS_CONNECTIONS_PER_USER,
          LIMITS_TOPICS_PER_USER,
          LIMITS_QUEUE_CONSUMERS,
          LIMITS_DURABLE_SUBSCRIPTIONS,
          LIMITS_HANDSHAKES_AT_ONCE,
          LIMITS_HANDSHAKES_WAITING,
          LIMITS_SIGN_INS_PER_USER,
          LIMITS_USER_BYTES,
          LIMITS_TOTAL_BYTES,
          SECURITY_ALLOWED_ORIGINS,
          SECURITY_METRICS_FROM,
          TOKENS_KEYS,
          TOKENS_ISSUER,
          TOKENS_AUDIENCE,
          TOKENS_ALGORITHMS,
          TOKENS_USER_CLAIM,
          TOKENS_ROLES_CLAIM,
          IDENTITY_SIGNING_KEY,
          LOCAL_THREADS,
          SERVER_WARM_UP,
          TRACING_ENDPOINT,
          TRACING_SAMPLE,
          LOGGING_FORMAT,
          AUDIT_FILE,
          AUDIT_TOPIC,
          DEMO);

  private Settings() {}

  static List<Setting<?>> all() {
    return ALL;
  }
}
