package io.longspan.config;

import io.longspan.config.LongspanConfig.AddressOrder;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.config.LongspanConfig.Replies;
import io.longspan.config.LongspanConfig.ReplyMode;
import io.longspan.tls.ClientTls;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Builds the settings of one broker, and validates rules that involve more than one of its keys.
 */
final class BrokerAssembly {
  private static final String FURTHER_PROVIDERS = "one of activemq, artemis, amqp, rabbitmq, jndi";

  private final Values values;
  private final ConfiguredFiles files;

  BrokerAssembly(Values values, ConfiguredFiles files) {
    this.values = values;
    this.files = files;
  }

  /** Builds a further broker, which is neither the embedded one nor none. */
  Broker further() {
    if (!values.isGiven(Settings.BROKER_PROVIDER)) {
      throw values.missing(
          Settings.BROKER_PROVIDER,
          FURTHER_PROVIDERS,
          Stream.of(Settings.BROKER_URL, Settings.BROKER_URLS, Settings.BROKER_JNDI_ENVIRONMENT)
              .filter(values::isGiven)
              .<Setting<?>>map(setting -> setting)
              .findFirst()
              .orElse(Settings.BROKER_URL));
    }
    Provider provider = values.get(Settings.BROKER_PROVIDER);
    if (provider == Provider.EMBEDDED || provider == Provider.NONE) {
      throw values.refused(Settings.BROKER_PROVIDER, FURTHER_PROVIDERS);
    }
    return broker();
  }

  Broker broker() {
    Provider provider = values.get(Settings.BROKER_PROVIDER);
    BrokerSecrets secrets = new BrokerSecrets(values, files, provider);
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
      throw values.missing(Settings.BROKER_PROVIDER, "activemq, artemis, amqp or rabbitmq", given);
    }
    if (provider == Provider.JNDI && present) {
      throw values.refused(
          given,
          "no value with broker.provider jndi; put the provider URL of JNDI in"
              + " broker.jndi.environment");
    }
    if (provider == Provider.NONE && present) {
      throw values.refused(given, "no value with broker.provider none");
    }
    if (provider == Provider.EMBEDDED || provider == Provider.JNDI || provider == Provider.NONE) {
      return new FailOverUrl(List.of(""), AddressOrder.IN_ORDER);
    }
    if (!present) {
      throw values.missing(
          Settings.BROKER_URL, BrokerUrl.allowed(provider), Settings.BROKER_PROVIDER);
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
      case NONE -> only(Dialect.ARTEMIS, given, provider);
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
      throw values.missing(
          Settings.BROKER_JNDI_CONNECTION_FACTORY,
          Settings.BROKER_JNDI_CONNECTION_FACTORY.type().allowed(),
          Settings.BROKER_PROVIDER);
    }
    return new Jndi(
        factory.orElse(""), values.find(Settings.BROKER_JNDI_ENVIRONMENT).orElse(Map.of()));
  }
}
