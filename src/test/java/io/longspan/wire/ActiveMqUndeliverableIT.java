package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.ExternalActiveMq;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import java.net.MalformedURLException;
import java.net.URL;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.activemq.ActiveMQSession;
import org.apache.activemq.command.ActiveMQMapMessage;
import org.apache.activemq.command.ActiveMQMessage;
import org.apache.activemq.util.ByteSequence;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ActiveMqUndeliverableIT extends UndeliverableTests {
  @Override
  TestBroker startBroker() {
    return new ExternalActiveMq();
  }

  @Override
  boolean carriesEverything() {
    return false;
  }

  @Override
  List<TestService.Work<Message>> unreadable() {
    return List.of(
        session -> compressed(session.createTextMessage()),
        session -> compressed(session.createBytesMessage()),
        session -> compressed(session.createMapMessage()),
        session -> compressed(session.createStreamMessage()),
        session -> cutShort((ActiveMQMapMessage) session.createMapMessage()),
        session -> ((ActiveMQSession) session).createBlobMessage(url()));
  }

  private static Message compressed(Message message) {
    ActiveMQMessage garbage = (ActiveMQMessage) message;
    garbage.setContent(new ByteSequence(garbage()));
    garbage.setCompressed(true);
    return garbage;
  }

  private static Message cutShort(ActiveMQMapMessage map) throws jakarta.jms.JMSException {
    map.setString("name", "a value of some length");
    map.storeContent();
    ByteSequence whole = map.getContent();
    ActiveMQMapMessage cut = new ActiveMQMapMessage();
    cut.setContent(new ByteSequence(whole.getData(), whole.getOffset(), whole.getLength() - 4));
    return cut;
  }

  private static URL url() {
    try {
      return new URL("http://127.0.0.1:1/secret");
    } catch (MalformedURLException x) {
      throw new IllegalStateException(x);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void nestedMapsAndListsKeepTheirShape(Transport transport) {
    String topic = "chat/nested" + Long.toHexString(System.nanoTime());
    try (TestService service = service();
        RawBayeuxClient alice = alice(transport)) {
      alice.subscribe(topic);
      service.publish(
          topic,
          session -> {
            MapMessage map = session.createMapMessage();
            map.setObject("list", Arrays.asList("a", 1, null, Map.of("deep", List.of(true))));
            map.setBytes("bytes", new byte[] {1, 2, 3});
            map.setChar("char", 'x');
            map.setString("null", null);
            map.setObjectProperty("nested", Map.of("b", List.of(2L)));
            return map;
          });
      Map<String, Object> data =
          alice.awaitData(each -> topic.equals(properties(each).get("topic")));
      assertThat(data)
          .containsEntry("bodyFormat", "map")
          .containsEntry(
              "body",
              RawBayeuxClient.message(
                  "list",
                  Arrays.asList("a", 1, null, Map.of("deep", List.of(true))),
                  "bytes",
                  "AQID",
                  "char",
                  "x",
                  "null",
                  null));
      assertThat(properties(data)).containsEntry("nested", Map.of("b", List.of(2)));
    }
  }
}
