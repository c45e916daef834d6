package io.longspan.runtime;

import io.longspan.bayeux.BayeuxRequestLog;
import io.longspan.config.LongspanConfig;
import io.longspan.logging.BatchedConsoleAppender;
import io.longspan.protocol.UserChannel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Access log: one line per Bayeux request of any transport, with all its correlation ids and no
 * payload (protocol section 7). Requests that only open or keep a Bayeux session are logged at
 * DEBUG.
 *
 * <p>A request with very many correlation ids has further lines, so the length of a line is
 * bounded. Text of clients is encoded, so it can neither break nor forge a line. Called on
 * container threads; does not block on the network.
 */
final class AccessLog implements BayeuxRequestLog {
  private static final Logger LOG = LoggerFactory.getLogger("longspan.access");
  private static final int MAX_FIELD_LENGTH = 128;

  /** Maximum number of client ids and channels in a line; a normal request has one or two. */
  private static final int MAX_VALUES = 8;

  /** Length at which the correlation ids continue in a further line, in characters. */
  private static final int MAX_PART = 4096;

  private final String bridgeId;
  private final String control;
  private final String bridge;

  AccessLog(LongspanConfig.Bridge bridge) {
    this.bridgeId = bridge.id();
    this.control = bridge.channelRoot() + "/control";
    this.bridge = bridge.channelRoot() + "/bridge";
  }

  @Override
  public void received(
      String transport,
      Supplier<String> remoteAddress,
      Optional<String> user,
      List<? extends Map<String, Object>> messages) {
    boolean routine = user.isPresent() && messages.stream().allMatch(AccessLog::isRoutine);
    if (!(routine ? LOG.isDebugEnabled() : LOG.isInfoEnabled())) {
      return;
    }
    Set<String> clients = new LinkedHashSet<>(2);
    Set<String> channels = new LinkedHashSet<>(2);
    Set<String> correlations = new LinkedHashSet<>(2);
    for (Map<String, Object> message : messages) {
      add(clients, message.get("clientId"));
      add(channels, message.get("channel"));
      add(correlations, correlationId(message));
    }
    StringBuilder line = new StringBuilder(256);
    line.append("bridge=").append(bridgeId);
    line.append(" transport=").append(transport);
    line.append(" remote=").append(remoteAddress.get());
    line.append(" user=").append(user.map(AccessLog::loggable).orElse("-"));
    appendSome(line.append(" client="), clients);
    appendSome(line.append(" channels="), channels);
    line.append(" correlation=");
    int head = line.length();
    for (String part : parts(correlations)) {
      line.setLength(head);
      line.append(part).append(" messages=").append(messages.size());
      // Built here, because the log has a line for each request: a pattern costs more.
      if (routine) {
        LOG.debug(line.toString());
      } else {
        LOG.info(line.toString());
      }
    }
  }

  /** Writes the lines that wait to be written. */
  void flush() {
    BatchedConsoleAppender.flush(LOG);
  }

  /**
   * Returns whether a message only opens or keeps a Bayeux session. Such messages have no
   * correlation id, and would be most of the log.
   */
  private static boolean isRoutine(Map<String, Object> message) {
    return message.get("channel") instanceof String channel
        && channel.startsWith("/meta/")
        && !(message.get("ext") instanceof Map<?, ?> ext
            && ext.get("bridge") instanceof Map<?, ?> bridge
            && bridge.containsKey("connect"));
  }

  /** Joins values to one or more parts of bounded length, each for a line of its own. */
  private static List<String> parts(Set<String> values) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (String value : values) {
      if (part.length() + value.length() > MAX_PART) {
        parts.add(part.toString());
        part.setLength(0);
      }
      part.append(part.isEmpty() ? "" : ",").append(value);
    }
    parts.add(part.isEmpty() ? "-" : part.toString());
    return parts;
  }

  /** Appends the first values, and how many more there are. */
  private static void appendSome(StringBuilder line, Set<String> values) {
    if (values.isEmpty()) {
      line.append('-');
      return;
    }
    int count = 0;
    for (String value : values) {
      if (count == MAX_VALUES) {
        line.append(",+").append(values.size() - MAX_VALUES);
        return;
      }
      line.append(count++ == 0 ? "" : ",").append(value);
    }
  }

  private Object correlationId(Map<String, Object> message) {
    Object channel = message.get("channel");
    if (message.get("data") instanceof Map<?, ?> data) {
      if (control.equals(channel)) {
        return data.get("correlationId");
      }
      if (bridge.equals(channel) && data.get("properties") instanceof Map<?, ?> properties) {
        return properties.get("JMSCorrelationID");
      }
    }
    return null;
  }

  private void add(Set<String> values, Object value) {
    if (value instanceof String text) {
      values.add(text.startsWith("/") ? channel(text) : loggable(text));
    }
  }

  private String channel(String name) {
    boolean own = name.equals(bridge) || name.equals(control);
    return own ? name : loggable(name).replace("~2F", "/");
  }

  private static String loggable(String text) {
    return UserChannel.encode(
        text.length() > MAX_FIELD_LENGTH ? text.substring(0, MAX_FIELD_LENGTH) : text);
  }
}
