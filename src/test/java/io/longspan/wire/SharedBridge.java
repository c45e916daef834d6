package io.longspan.wire;

import io.longspan.config.LongspanConfig.ReplyMode;
import jakarta.jms.ConnectionFactory;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** A broker and a bridge that all tests of a class share. A subclass names the broker. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class SharedBridge implements WireTarget {
  private TestBroker broker;
  private TestBridge bridge;

  abstract TestBroker startBroker();

  @Override
  public ReplyMode replies() {
    return ReplyMode.TEMPORARY_TOPIC;
  }

  @Override
  public Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(broker.settings());
    settings.put("broker.replies", ReplyModeTests.word(replies()));
    return settings;
  }

  @BeforeAll
  void start() {
    broker = startBroker();
    bridge = TestBridge.start(settings());
  }

  @AfterAll
  void stop() {
    bridge.close();
    broker.close();
  }

  @Override
  public TestBridge bridge() {
    return bridge;
  }

  ConnectionFactory connectionFactory() {
    return broker.connectionFactory();
  }

  @Override
  public TestService service() {
    return new TestService(connectionFactory());
  }
}
