package io.longspan.bayeux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.longspan.bridge.Outgoing;
import io.longspan.bridge.OutgoingMessages;
import io.longspan.protocol.Payload;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The text that is encoded for a socket, and the one that is given to it as a string. */
final class FrameTextTest {
  private static final String BEFORE_SEQ = "{\"channel\":\"/u/1\",\"data\":{\"seq\":";
  private static final Payload ASCII = Payload.ofObject("{\"body\":\"a\"}");
  private static final Payload OTHER = Payload.ofObject("{\"body\":\"Zoë €😀\"}");

  private static ClientMessages messages(Outgoing... messages) {
    return new ClientMessages("/u/1", BEFORE_SEQ, List.of(messages), null);
  }

  private static String encoded(FrameText text) {
    ByteBuffer buffer = ByteBuffer.allocate(text.maxBytes() + 2).position(2).slice();
    text.encode(buffer);
    buffer.flip();
    return StandardCharsets.UTF_8.decode(buffer).toString();
  }

  private static void assertText(FrameText text, String expected) {
    assertThat(text).hasToString(expected);
    assertThat(encoded(text)).isEqualTo(expected);
    assertThat(text.chars()).isGreaterThanOrEqualTo(expected.length());
  }

  @Test
  void aTextWithoutMessagesStaysAsItIs() {
    assertText(FrameText.of("[{\"id\":\"ë€\"}]"), "[{\"id\":\"ë€\"}]");
  }

  @Test
  void messagesOfAnyAlphabetAreEncodedAsTheyAreWritten() {
    Outgoing first = OutgoingMessages.of(9, ASCII);
    Outgoing second = OutgoingMessages.of(1_234_567_890_123L, OTHER);
    Outgoing third = OutgoingMessages.of(Long.MAX_VALUE, ASCII.asKept());
    assertText(
        FrameText.of("[\0,{\"x\":\"é\"}]", messages(first, second, third)),
        "["
            + (BEFORE_SEQ + "9,\"body\":\"a\"}},")
            + (BEFORE_SEQ + "1234567890123,\"body\":\"Zoë €😀\"}},")
            + (BEFORE_SEQ + "9223372036854775807,\"kept\":true,\"body\":\"a\"}}")
            + ",{\"x\":\"é\"}]");
  }

  /** The low bytes of these two are a quote and a comma: as bytes they would change the JSON. */
  @Test
  void unpairedSurrogatesBecomeQuestionMarks() {
    Outgoing message =
        OutgoingMessages.of(1, Payload.ofObject("{\"body\":\"a\uD822\uDC2C\uD82C\"}"));
    Outgoing mixed = OutgoingMessages.of(2, Payload.ofObject("{\"body\":\"\uD822\uD822ë\"}"));
    String before = BEFORE_SEQ;
    assertThat(encoded(FrameText.of("[\0]", messages(message, mixed))))
        .isEqualTo(
            "[" + before + "1,\"body\":\"a\uD822\uDC2C?\"}}," + before + "2,\"body\":\"??ë\"}}]");
    Outgoing alone = OutgoingMessages.of(3, Payload.ofObject("{\"body\":\"\uD822,\uD82C\"}"));
    assertText(FrameText.of("[\0]", messages(alone)), "[" + before + "3,\"body\":\"?,?\"}}]");
  }

  @Test
  void aFrameWithoutTheOnePlaceOfTheMessagesIsRefused() {
    ClientMessages some = messages(OutgoingMessages.of(1, ASCII));
    assertThatIllegalStateException().isThrownBy(() -> FrameText.of("[]", some));
    assertThatIllegalStateException().isThrownBy(() -> FrameText.of("[\0,\0]", some));
  }
}
