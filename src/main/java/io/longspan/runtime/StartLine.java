package io.longspan.runtime;

import io.longspan.catalogue.DestinationCatalogue;
import io.longspan.config.LongspanConfig;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Session;
import io.longspan.config.Secrets;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The line of the log that says how a bridge is set up, without credentials. */
final class StartLine {
  private static final int MEBI = 20;

  private StartLine() {}

  static String of(LongspanConfig config, DestinationCatalogue catalogue) {
    StringBuilder line = new StringBuilder("bridge started");
    add(line, "bridge", config.bridge().id());
    add(line, "channelRoot", config.bridge().channelRoot());
    add(
        line,
        "http",
        config.http().host() + ":" + config.http().port() + config.http().contextPath());
    add(line, "trustedProxies", config.http().trustedProxies());
    add(line, "allowedOrigins", config.security().allowedOrigins());
    add(line, "broker", broker(config.broker()));
    for (Map.Entry<String, Broker> further : config.brokers().entrySet()) {
      add(line, "broker." + further.getKey(), broker(further.getValue()));
    }
    add(line, "catalogue", config.catalogue().map(Path::toString).orElse("none"));
    add(line, "entries", catalogue.size());
    add(line, "forwards", catalogue.forwards().size());
    add(line, "users", config.users().map(Path::toString).orElse("none"));
    add(
        line,
        "tokens",
        config.tokens().keys().map(URI::toString).map(Secrets::masked).orElse("none"));
    add(line, "signingKey", config.identity().signingKey().map(Path::toString).orElse("none"));
    add(line, "session", session(config.session()));
    add(line, "limits", fields(config.limits().toString()));
    add(line, "localThreads", config.local().threads());
    add(
        line,
        "audit",
        config.audit().file().map(Path::toString).or(config.audit()::topic).orElse("none"));
    add(line, "demo", config.demo());
    add(line, "java", Runtime.version().feature());
    add(line, "processors", Runtime.getRuntime().availableProcessors());
    add(line, "heapMiB", Runtime.getRuntime().maxMemory() >> MEBI);
    return line.toString();
  }

  private static void add(StringBuilder line, String name, Object value) {
    line.append(' ').append(name).append('=').append(value);
  }

  private static String broker(Broker broker) {
    return "{provider=%s,urls=%s,user=%s,dialect=%s,replies=%s,tls=%s}"
        .formatted(
            word(broker.provider()),
            broker.urls().stream().map(Secrets::masked).collect(Collectors.joining("|")),
            broker.user(),
            word(broker.dialect()),
            word(broker.replies().mode()),
            broker.tls().isPresent());
  }

  private static String session(Session session) {
    return fields(session.toString()).replace("PT", "");
  }

  /** Returns the components of a record without spaces, so that they are one value. */
  private static String fields(String shown) {
    return "{"
        + shown.substring(shown.indexOf('[') + 1, shown.length() - 1).replace(", ", ",")
        + "}";
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
