package io.longspan.wire;

import io.longspan.config.LongspanConfig.ReplyMode;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * The protocol at the wire, on both transports: each interface tests some sections of the protocol.
 * A subclass names the broker. All interfaces share one broker and one bridge.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class WireTests
    implements HandshakeTests,
        HandshakeConnectTests,
        SendTests,
        EntrySettingsTests,
        ReplyTests,
        ReplyModeTests,
        SubscriptionTests,
        AddressingTests,
        DescribeTests,
        PresenceTests,
        KeptMessageTests {
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

  @Override
  public TestService service() {
    return new TestService(broker.connectionFactory());
  }
}
