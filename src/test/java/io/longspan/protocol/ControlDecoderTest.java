package io.longspan.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.protocol.GoldenMessages.Golden;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ControlDecoderTest {
  private final ControlDecoder decoder = new ControlDecoder();

  static Stream<Golden> commands() {
    return GoldenMessages.in("control-commands.json");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aControlMessageIsTakenOrRefusedAsTheProtocolSays(Golden golden) {
    if (golden.expect().has("errorCode")) {
      assertThatThrownBy(() -> decoder.decode(golden.parsed()))
          .isInstanceOf(BridgeException.class)
          .extracting(x -> ((BridgeException) x).code().wireName())
          .isEqualTo(golden.expect().get("errorCode").asText());
    } else {
      ControlCommand command = decoder.decode(golden.parsed());
      assertThat(command.correlationId()).isEqualTo(golden.data().get("correlationId").asText());
      if (command instanceof ControlCommand.TopicSubscribe subscribe) {
        assertThat(invalid(subscribe.topics()))
            .isEqualTo(strings(golden.expect().path("failedTopics")));
        assertThat(subscribe.selector().isPresent()).isEqualTo(golden.data().has("selector"));
      }
    }
  }

  private static List<String> invalid(List<String> topics) {
    List<String> invalid = new ArrayList<>();
    for (String topic : topics) {
      try {
        DestinationName.parsePattern(topic);
      } catch (BridgeException x) {
        invalid.add(topic);
      }
    }
    return invalid;
  }

  private static List<String> strings(Iterable<com.fasterxml.jackson.databind.JsonNode> nodes) {
    List<String> strings = new ArrayList<>();
    nodes.forEach(node -> strings.add(node.asText()));
    return strings;
  }
}
