package io.longspan.wire;

import jakarta.jms.ConnectionFactory;
import java.util.Map;
import java.util.Set;

/** A broker that a test has started. */
public interface TestBroker extends AutoCloseable {

  /** Returns the keys of the bridge's configuration that name this broker. */
  Map<String, String> settings();

  /** Returns a factory for services, which are other clients of the same broker. */
  ConnectionFactory connectionFactory();

  /** Returns the names of what the broker keeps for temporary topics, and for topics' consumers. */
  Set<String> temporaryTopics();

  @Override
  void close();
}
