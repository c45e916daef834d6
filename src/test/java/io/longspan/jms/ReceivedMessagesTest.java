package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.protocol.BrokerMessage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.activemq.command.ActiveMQTextMessage;
import org.apache.activemq.util.ByteSequence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a consumer's messages do to each other. */
@Timeout(60)
final class ReceivedMessagesTest {
  private final ScriptedProvider script = ScriptedProvider.blocking();
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final LargeMessageReaders readers = new LargeMessageReaders();
  private ConsumerSession session;

  @BeforeEach
  void open() throws Exception {
    session =
        new ConsumerSession(script.connection(), new MessageCodec(1000), script, readers, "test");
  }

  @AfterEach
  void close() {
    session.close();
    session.awaitEnd();
  }

  private void subscribe(Consumer<BrokerMessage> listener) {
    session
        .consume("alice", Kind.TOPIC, "news", Optional.empty(), listener)
        .stage()
        .toCompletableFuture()
        .join();
  }

  private void hear(BrokerMessage message) {
    heard.add(message.tooLarge() ? "too large" : message.bodyFormat() + " " + message.body());
  }

  private static ActiveMQTextMessage text(String text) throws Exception {
    ActiveMQTextMessage message = new ActiveMQTextMessage();
    message.setText(text);
    return message;
  }

  private static ActiveMQTextMessage garbage() {
    ActiveMQTextMessage message = new ActiveMQTextMessage();
    message.setContent(new ByteSequence(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}));
    message.setCompressed(true);
    return message;
  }

  @Test
  void everyMessageIsPassedOnInItsPlace() throws Exception {
    subscribe(this::hear);
    script.deliver(text("first"));
    script.deliver(garbage());
    script.deliver(text("x".repeat(2000)));
    script.deliver(text("last"));
    assertThat(heard).containsExactly("null first", "unsupported null", "too large", "null last");
  }

  @Test
  void aListenerThatFailsLosesNoOtherMessage() throws Exception {
    subscribe(
        message -> {
          if ("bad".equals(message.body())) {
            throw new IllegalStateException("a fault of the bridge's own");
          }
          hear(message);
        });
    script.deliver(text("first"));
    script.deliver(text("bad"));
    script.deliver(text("last"));
    assertThat(heard).containsExactly("null first", "null last");
  }

  @Test
  void aLaneThatIsMuteTellsNobody() throws Exception {
    subscribe(this::hear);
    script.deliver(text("first"));
    session.mute();
    script.deliver(text("late"));
    script.deliver(garbage());
    assertThat(heard).containsExactly("null first");
  }
}
