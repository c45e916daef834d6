package io.longspan.config;

import io.longspan.config.LongspanConfig.AddressOrder;
import io.longspan.config.LongspanConfig.Bridge;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Http;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Limits;
import io.longspan.config.LongspanConfig.MessageIdentity;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.config.LongspanConfig.Replies;
import io.longspan.config.LongspanConfig.ReplyMode;
import io.longspan.config.LongspanConfig.Security;
import io.longspan.config.LongspanConfig.Session;
import io.longspan.config.LongspanConfig.Tokens;
import io.longspan.tls.ClientTls;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Builds the configuration tree and validates rules that involve more than one key. */
final class ConfigAssembly {
  /**
   * Default of {@code limits.totalBytes}: the maximum heap divided by this number. What is charged
   * takes up to half as much again in objects that are not, and the collector needs room.
   */
  private static final int HEAP_PART = 3;

  /** Default of {@code limits.userBytes}: {@code limits.totalBytes} divided by this number. */
  private static final int USER_PART = 8;

  /**
   * The default of {@code limits.userBytes} is at least this many times {@code limits.queueBytes}.
   */
  private static final int USER_QUEUES = 4;

  private final Values values;
  private final Path folder;

  /**
   * Creates an assembly.
   *
   * @param values the configured values
   * @param folder the absolute folder against which relative paths are resolved
   */
  ConfigAssembly(Values values, Path folder) {
    this.values = values;
    this.folder = folder;
  }

  LongspanConfig assemble() {
    return new LongspanConfig(
        new Http(
            values.get(Settings.HTTP_HOST),
            values.get(Settings.HTTP_PORT),
            values.get(Settings.HTTP_CONTEXT_PATH),
            values.get(Settings.HTTP_TRUSTED_PROXIES)),
        new Bridge(values.get(Settings.BRIDGE_ID), values.get(Settings.BRIDGE_CHANNEL_ROOT)),
        broker(),
        readableFile(Settings.USERS),
        readableFile(Settings.CATALOGUE),
        new Session(
            values.get(Settings.SESSION_TIMEOUT),
            values.get(Settings.SESSION_MAX_INTERVAL),
            values.get(Settings.SESSION_RESUME_WINDOW),
            values.get(Settings.SESSION_IDLE_TIMEOUT),
            values.get(Settings.SESSION_DRAIN_TIMEOUT),
            values.get(Settings.SESSION_SIGN_IN_LIFETIME),
            values.get(Settings.SESSION_RECHECK_CREDENTIALS)),
        limits(),
        new Security(
            values.get(Settings.SECURITY_ALLOWED_ORIGINS),
            values.get(Settings.SECURITY_METRICS_FROM)),
        tokens(),
        new MessageIdentity(readableFile(Settings.IDENTITY_SIGNING_KEY)),
        values.get(Settings.DEMO));
  }

  private Limits limits() {
    long queueBytes = values.get(Settings.LIMITS_QUEUE_BYTES);
    long totalBytes =
        values
            .find(Settings.LIMITS_TOTAL_BYTES)
            .orElseGet(() -> Runtime.getRuntime().maxMemory() / HEAP_PART);
    long userBytes =
        values
            .find(Settings.LIMITS_USER_BYTES)
            .orElseGet(
                () ->
                    Math.min(
                        totalBytes, Math.max(totalBytes / USER_PART, USER_QUEUES * queueBytes)));
    return new Limits(
        values.get(Settings.LIMITS_MESSAGE_BYTES),
        values.get(Settings.LIMITS_PROPERTY_BYTES),
        values.get(Settings.LIMITS_JSON_DEPTH),
        values.get(Settings.LIMITS_TOPICS_PER_CLIENT),
        values.get(Settings.LIMITS_SESSIONS_PER_USER),
        values.get(Settings.LIMITS_REQUESTS_IN_FLIGHT),
        values.get(Settings.LIMITS_QUEUE_MESSAGES),
        queueBytes,
        values.get(Settings.LIMITS_MESSAGES_PER_SECOND),
        values.get(Settings.LIMITS_CONNECTIONS_PER_ADDRESS),
        values.get(Settings.LIMITS_CONNECTIONS_PER_USER),
        values.get(Settings.LIMITS_TOPICS_PER_USER),
        values.get(Settings.LIMITS_SIGN_INS_PER_USER),
        userBytes,
        totalBytes);
  }

  private Broker broker() {
    Provider provider = values.get(Settings.BROKER_PROVIDER);
    BrokerSecrets secrets = new BrokerSecrets(values, this, provider);
    Optional<ClientTls> tls = secrets.tls();
    FailOverUrl addresses = addresses(provider, tls.isPresent());
    Dialect dialect = dialect(provider);
    return new Broker(
        provider,
        addresses.urls(),
        values.find(Settings.BROKER_ORDER).orElse(addresses.order()),
        values.find(Settings.BROKER_USER).orElse(""),
        values.find(Settings.BROKER_PASSWORD).orElse(""),
        dialect,
        replies(dialect),
        jndi(provider),
        secrets.passwordFile(),
        tls);
  }

  private FailOverUrl addresses(Provider provider, boolean tls) {
    Optional<String> url = values.find(Settings.BROKER_URL);
    Optional<List<String>> urls = values.find(Settings.BROKER_URLS);
    if (url.isPresent() && urls.isPresent()) {
      throw values.refused(Settings.BROKER_URLS, "only one of broker.url and broker.urls");
    }
    Setting<?> given = urls.isPresent() ? Settings.BROKER_URLS : Settings.BROKER_URL;
    boolean present = url.isPresent() || urls.isPresent();
    if (provider == Provider.EMBEDDED && present && !values.isGiven(Settings.BROKER_PROVIDER)) {
      throw missing(Settings.BROKER_PROVIDER, "activemq, artemis, amqp or rabbitmq", given);
    }
    if (provider == Provider.JNDI && present) {
      throw values.refused(
          given,
          "no value with broker.provider jndi; put the provider URL of JNDI in"
              + " broker.jndi.environment");
    }
    if (provider == Provider.EMBEDDED || provider == Provider.JNDI) {
      return new FailOverUrl(List.of(""), AddressOrder.IN_ORDER);
    }
    if (!present) {
      throw missing(Settings.BROKER_URL, BrokerUrl.allowed(provider), Settings.BROKER_PROVIDER);
    }
    FailOverUrl addresses =
        url.map(text -> oneUrl(provider, text))
            .orElseGet(() -> new FailOverUrl(urls.get(), AddressOrder.IN_ORDER));
    if (addresses.urls().isEmpty()) {
      throw values.refused(given, BrokerUrl.allowed(provider));
    }
    for (String address : addresses.urls()) {
      BrokerUrl.objection(provider, address)
          .or(() -> tls ? BrokerUrl.ownTls(address) : Optional.empty())
          .ifPresent(
              allowed -> {
                throw values.refused(given, allowed);
              });
    }
    return tls ? addresses.map(address -> BrokerUrl.withTls(provider, address)) : addresses;
  }

  private static FailOverUrl oneUrl(Provider provider, String url) {
    return FailOverUrl.read(provider, url)
        .orElseGet(() -> new FailOverUrl(List.of(url), AddressOrder.IN_ORDER));
  }

  private Replies replies(Dialect dialect) {
    Replies replies =
        new Replies(values.get(Settings.BROKER_REPLIES), values.get(Settings.BROKER_REPLY_PREFIX));
    // The names of the topics have dots between their levels.
    if (replies.mode() == ReplyMode.TOPIC && dialect.hasSlashes()) {
      throw values.refused(
          Settings.BROKER_REPLIES,
          "temporaryTopic, temporaryQueue or queue with broker.dialect "
              + ValueTypes.word(dialect));
    }
    if (replies.mode() == ReplyMode.QUEUE && dialect == Dialect.IBMMQ) {
      requireQueueOfIbmMq(replies);
    }
    return replies;
  }

  /** The longest name of a queue for answers must be a name of IBM MQ. */
  private void requireQueueOfIbmMq(Replies replies) {
    String longest = replies.base(values.get(Settings.BRIDGE_ID)) + ".heartbeat";
    if (!longest.matches("[A-Za-z0-9._/%]{1,48}")) {
      throw values.refused(
          Settings.BROKER_REPLIES,
          "queue with broker.dialect ibmmq only if %s has at most 48 characters of A-Z a-z 0-9 . _ %%"
                  .formatted(longest)
              + "; change broker.replyPrefix or bridge.id");
    }
  }

  private Dialect dialect(Provider provider) {
    Optional<Dialect> given = values.find(Settings.BROKER_DIALECT);
    return switch (provider) {
      case EMBEDDED, ACTIVEMQ -> only(Dialect.ACTIVEMQ, given, provider);
      case ARTEMIS -> only(Dialect.ARTEMIS, given, provider);
      case RABBITMQ -> only(Dialect.RABBITMQ, given, provider);
      case AMQP -> oneOf(Set.of(Dialect.ACTIVEMQ, Dialect.ARTEMIS), given, provider);
      case JNDI ->
          oneOf(
              Set.of(Dialect.ACTIVEMQ, Dialect.ARTEMIS, Dialect.IBMMQ, Dialect.SOLACE),
              given,
              provider);
    };
  }

  private Dialect oneOf(Set<Dialect> allowed, Optional<Dialect> given, Provider provider) {
    Dialect dialect = given.orElse(Dialect.ARTEMIS);
    if (!allowed.contains(dialect)) {
      throw values.refused(
          Settings.BROKER_DIALECT,
          "one of %s with broker.provider %s"
              .formatted(
                  allowed.stream().map(ValueTypes::word).sorted().collect(Collectors.joining(", ")),
                  ValueTypes.word(provider)));
    }
    return dialect;
  }

  private Dialect only(Dialect dialect, Optional<Dialect> given, Provider provider) {
    if (given.isPresent() && given.get() != dialect) {
      throw values.refused(
          Settings.BROKER_DIALECT,
          "%s with broker.provider %s"
              .formatted(ValueTypes.word(dialect), ValueTypes.word(provider)));
    }
    return dialect;
  }

  private Jndi jndi(Provider provider) {
    Optional<String> factory = values.find(Settings.BROKER_JNDI_CONNECTION_FACTORY);
    if (provider == Provider.JNDI && factory.isEmpty()) {
      throw missing(
          Settings.BROKER_JNDI_CONNECTION_FACTORY,
          Settings.BROKER_JNDI_CONNECTION_FACTORY.type().allowed(),
          Settings.BROKER_PROVIDER);
    }
    return new Jndi(
        factory.orElse(""), values.find(Settings.BROKER_JNDI_ENVIRONMENT).orElse(Map.of()));
  }

  private Tokens tokens() {
    Optional<URI> keys = values.find(Settings.TOKENS_KEYS).map(this::keys);
    if (keys.isPresent()) {
      required(Settings.TOKENS_ISSUER, Settings.TOKENS_KEYS);
      required(Settings.TOKENS_AUDIENCE, Settings.TOKENS_KEYS);
      if (values.get(Settings.TOKENS_ALGORITHMS).isEmpty()) {
        throw values.refused(Settings.TOKENS_ALGORITHMS, "at least one algorithm");
      }
    }
    return new Tokens(
        keys,
        values.find(Settings.TOKENS_ISSUER).orElse(""),
        values.find(Settings.TOKENS_AUDIENCE).orElse(""),
        values.get(Settings.TOKENS_ALGORITHMS),
        values.get(Settings.TOKENS_USER_CLAIM),
        values.get(Settings.TOKENS_ROLES_CLAIM));
  }

  private URI keys(String given) {
    return ValueTypes.isUrl(given)
        ? URI.create(given)
        : readable(Settings.TOKENS_KEYS, Path.of(given)).toUri();
  }

  private void required(Setting<String> setting, Setting<?> reason) {
    if (values.find(setting).filter(text -> !text.isBlank()).isEmpty()) {
      throw missing(setting, setting.type().allowed(), reason);
    }
  }

  Optional<Path> readableFile(Setting<Path> setting) {
    return values.find(setting).map(path -> readable(setting, path));
  }

  private Path readable(Setting<?> setting, Path path) {
    Path file = folder.resolve(path).normalize();
    if (!(Files.isRegularFile(file) && Files.isReadable(file))) {
      throw values.refused(
          setting, "%s; %s is not a readable file".formatted(setting.type().allowed(), file));
    }
    return file;
  }

  ConfigException missing(Setting<?> setting, String allowed, Setting<?> reason) {
    return ConfigException.missing(setting.key(), allowed, reason.key(), values.origin(reason));
  }
}
