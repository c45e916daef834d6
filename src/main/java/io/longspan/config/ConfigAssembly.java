package io.longspan.config;

import io.longspan.config.LongspanConfig.Audit;
import io.longspan.config.LongspanConfig.Bridge;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Http;
import io.longspan.config.LongspanConfig.Limits;
import io.longspan.config.LongspanConfig.Local;
import io.longspan.config.LongspanConfig.Logging;
import io.longspan.config.LongspanConfig.MessageIdentity;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.config.LongspanConfig.Security;
import io.longspan.config.LongspanConfig.Server;
import io.longspan.config.LongspanConfig.Session;
import io.longspan.config.LongspanConfig.Tokens;
import io.longspan.config.LongspanConfig.Tracing;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

  private static final List<String> OWN_TOPICS =
      List.of(
          "bridge/clients",
          "bridge/push",
          "bridge/commands",
          "bridge/authorization-events",
          "bridge/presence");

  private final Values values;
  private final ConfiguredFiles files;

  /**
   * Creates an assembly.
   *
   * @param values the configured values
   * @param folder the absolute folder against which relative paths are resolved
   */
  ConfigAssembly(Values values, Path folder) {
    this.values = values;
    this.files = new ConfiguredFiles(folder);
  }

  LongspanConfig assemble() {
    return new LongspanConfig(
        new Http(
            values.get(Settings.HTTP_HOST),
            values.get(Settings.HTTP_PORT),
            values.get(Settings.HTTP_CONTEXT_PATH),
            values.get(Settings.HTTP_TRUSTED_PROXIES),
            new HttpsFiles(values, files).tls(),
            values.get(Settings.HTTP_HTTP2)),
        new Bridge(
            values.get(Settings.BRIDGE_ID),
            values.get(Settings.BRIDGE_CHANNEL_ROOT),
            values.get(Settings.BRIDGE_READY_BROKERS)),
        new BrokerAssembly(values, files).broker(),
        furtherBrokers(),
        files.find(values, Settings.USERS),
        files.find(values, Settings.CATALOGUE),
        new Session(
            values.get(Settings.SESSION_TIMEOUT),
            values.get(Settings.SESSION_MAX_INTERVAL),
            values.get(Settings.SESSION_RESUME_WINDOW),
            values.get(Settings.SESSION_IDLE_TIMEOUT),
            values.get(Settings.SESSION_DRAIN_TIMEOUT),
            values.get(Settings.SESSION_SIGN_IN_LIFETIME),
            values.get(Settings.SESSION_RECHECK_CREDENTIALS),
            values.get(Settings.SESSION_RECEIPT_DELAY)),
        limits(),
        new Security(
            values.get(Settings.SECURITY_ALLOWED_ORIGINS),
            values.get(Settings.SECURITY_METRICS_FROM)),
        tokens(),
        new MessageIdentity(files.find(values, Settings.IDENTITY_SIGNING_KEY)),
        new Local(values.get(Settings.LOCAL_THREADS)),
        new Server(values.get(Settings.SERVER_WARM_UP)),
        new Tracing(
            values.find(Settings.TRACING_ENDPOINT).map(url -> url.replaceFirst("/+$", "")),
            Double.parseDouble(values.get(Settings.TRACING_SAMPLE))),
        new Logging(values.get(Settings.LOGGING_FORMAT)),
        audit(),
        demo());
  }

  private Audit audit() {
    Optional<Path> file = values.find(Settings.AUDIT_FILE).map(this::auditFile);
    Optional<String> topic = values.find(Settings.AUDIT_TOPIC);
    if (file.isPresent() && topic.isPresent()) {
      throw values.refused(Settings.AUDIT_TOPIC, "only one of audit.file and audit.topic");
    }
    if (topic.isPresent() && values.get(Settings.BROKER_PROVIDER) == Provider.NONE) {
      throw values.refused(Settings.AUDIT_TOPIC, "no value with broker.provider none");
    }
    // The bridge and services use these topics for something else.
    if (topic.filter(OWN_TOPICS::contains).isPresent()) {
      throw values.refused(
          Settings.AUDIT_TOPIC,
          Settings.AUDIT_TOPIC.type().allowed() + ", other than " + String.join(", ", OWN_TOPICS));
    }
    return new Audit(file, topic);
  }

  private Path auditFile(Path given) {
    Path file = files.folder().resolve(given).normalize();
    Path folder = file.getParent();
    boolean usable =
        folder != null
            && Files.isDirectory(folder)
            && (Files.exists(file)
                ? Files.isRegularFile(file) && Files.isWritable(file)
                : Files.isWritable(folder));
    if (!usable) {
      throw values.refused(
          Settings.AUDIT_FILE,
          "%s; %s cannot be written".formatted(Settings.AUDIT_FILE.type().allowed(), file));
    }
    return file;
  }

  /** The demo's services are JMS clients of the default broker. */
  private boolean demo() {
    boolean demo = values.get(Settings.DEMO);
    if (demo && values.get(Settings.BROKER_PROVIDER) == Provider.NONE) {
      throw values.refused(Settings.DEMO, "false with broker.provider none");
    }
    return demo;
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
        values.get(Settings.LIMITS_QUEUE_CONSUMERS),
        values.get(Settings.LIMITS_DURABLE_SUBSCRIPTIONS),
        values.get(Settings.LIMITS_HANDSHAKES_AT_ONCE),
        values.get(Settings.LIMITS_HANDSHAKES_WAITING),
        values.get(Settings.LIMITS_SIGN_INS_PER_USER),
        userBytes,
        totalBytes);
  }

  private Map<String, Broker> furtherBrokers() {
    Map<String, Broker> brokers = new LinkedHashMap<>();
    for (String name : values.furtherBrokers()) {
      Values own = values.ofBroker(name);
      brokers.put(name, new BrokerAssembly(own, files).further());
    }
    return brokers;
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
        : files.require(values, Settings.TOKENS_KEYS, Path.of(given)).toUri();
  }

  private void required(Setting<String> setting, Setting<?> reason) {
    if (values.find(setting).filter(text -> !text.isBlank()).isEmpty()) {
      throw values.missing(setting, setting.type().allowed(), reason);
    }
  }
}
