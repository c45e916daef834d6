package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.ExternalActiveMq;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
    return UnreadableMessages.ofActiveMq();
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
