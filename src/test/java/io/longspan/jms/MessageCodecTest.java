package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.MessageBody;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.core.client.impl.ClientMessageImpl;
import org.apache.activemq.artemis.jms.client.ActiveMQStreamMessage;
import org.apache.activemq.command.ActiveMQBlobMessage;
import org.apache.activemq.command.ActiveMQBytesMessage;
import org.apache.activemq.command.ActiveMQMapMessage;
import org.apache.activemq.command.ActiveMQMessage;
import org.apache.activemq.command.ActiveMQObjectMessage;
import org.apache.activemq.command.ActiveMQTempTopic;
import org.apache.activemq.command.ActiveMQTextMessage;
import org.apache.activemq.command.ActiveMQTopic;
import org.apache.activemq.util.ByteSequence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages of the providers' own classes, whole and broken. */
final class MessageCodecTest {
  private static final byte[] GARBAGE = {9, 0, 0, 0, 7, 'g', 'a', 'r', 'b', 'a', 'g', 'e', -1};
  private static final long NOW = 1_000_000_000_000L;
  private static final long TICK = 5_000;

  private final MessageCodec codec =
      new MessageCodec(1000, "longspan.reply", () -> TICK, () -> NOW);

  private BrokerMessage decode(Message message) {
    return codec.decode(message, Optional.empty());
  }

  private static <T extends ActiveMQMessage> T answer(T message) throws JMSException {
    message.setJMSCorrelationID("c-1");
    message.setDestination(new ActiveMQTopic("news"));
    message.setStringProperty("part", "one");
    return message;
  }

  private static void assertUnsupported(BrokerMessage decoded) {
    assertThat(decoded.body()).isNull();
    assertThat(decoded.bodyFormat()).isEqualTo("unsupported");
    assertThat(decoded.correlationId()).contains("c-1");
    assertThat(decoded.destination()).isEqualTo("news");
    assertThat(decoded.tooLarge()).isFalse();
  }

  /** As another client would get them: written to the wire, and read from it. */
  private static <T extends ActiveMQMessage> T sent(T message) throws Exception {
    message.onSend();
    message.beforeMarshall(null);
    message.clearUnMarshalledState();
    message.setReadOnlyBody(true);
    message.setReadOnlyProperties(true);
    return message;
  }

  static Stream<ActiveMQMessage> bodiesOfGarbage() {
    return Stream.of(
        new ActiveMQTextMessage(),
        new ActiveMQBytesMessage(),
        new ActiveMQMapMessage(),
        new org.apache.activemq.command.ActiveMQStreamMessage());
  }

  @ParameterizedTest
  @MethodSource("bodiesOfGarbage")
  void garbageThatIsFlaggedCompressedIsUnsupported(ActiveMQMessage message) throws Exception {
    answer(message).setContent(new ByteSequence(GARBAGE));
    message.setCompressed(true);
    message.setReadOnlyBody(true);
    BrokerMessage decoded = decode(message);
    assertUnsupported(decoded);
    assertThat(decoded.properties()).containsEntry("part", "one");
  }

  @Test
  void aMapCutShortIsUnsupported() throws Exception {
    ActiveMQMapMessage map = answer(new ActiveMQMapMessage());
    map.setString("name", "a value of some length");
    map.storeContent();
    ByteSequence whole = map.getContent();
    ActiveMQMapMessage cut = answer(new ActiveMQMapMessage());
    cut.setContent(new ByteSequence(whole.getData(), whole.getOffset(), whole.getLength() - 4));
    assertUnsupported(decode(cut));
  }

  @Test
  void aStreamCutShortIsUnsupportedAndNoShorterStream() throws Exception {
    var stream = answer(new org.apache.activemq.command.ActiveMQStreamMessage());
    stream.writeString("first");
    stream.writeString("second");
    stream.storeContent();
    ByteSequence whole = stream.getContent();
    var cut = answer(new org.apache.activemq.command.ActiveMQStreamMessage());
    cut.setContent(new ByteSequence(whole.getData(), whole.getOffset(), whole.getLength() - 2));
    cut.setReadOnlyBody(true);
    assertUnsupported(decode(cut));
  }

  @Test
  void propertiesOfGarbageMakeAMessageUnsupported() throws Exception {
    ActiveMQTextMessage text = new ActiveMQTextMessage();
    text.setText("sound");
    text.setJMSCorrelationID("c-1");
    text.setDestination(new ActiveMQTopic("news"));
    text.setMarshalledProperties(new ByteSequence(GARBAGE));
    assertUnsupported(decode(text));
  }

  @Test
  void aPropertyOfAnUnknownTypeMakesAMessageUnsupported() throws Exception {
    ActiveMQTextMessage text = answer(new ActiveMQTextMessage());
    text.setText("sound");
    text.setProperty("odd", new Object());
    BrokerMessage decoded = decode(text);
    assertUnsupported(decoded);
    assertThat(decoded.properties()).doesNotContainKey("odd");
  }

  @Test
  void aMessageThatItsProviderCannotPrepareKeepsItsHeaders() throws Exception {
    ActiveMQMessage message = answer(new ActiveMQMessage());
    BrokerMessage decoded =
        codec.unreadable(message, Optional.empty(), new ActiveMQException("garbage"));
    assertUnsupported(decoded);
    assertThat(decoded.properties()).containsEntry("part", "one");
  }

  /** A provider at its worst: everything but the correlation id fails. */
  @Test
  void whateverAProviderThrowsAMessageIsDecoded() {
    TextMessage hostile =
        (TextMessage)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {TextMessage.class},
                (self, method, arguments) -> {
                  switch (method.getName()) {
                    case "getJMSCorrelationID":
                      return "c-1";
                    case "getPropertyNames":
                      return java.util.Collections.emptyEnumeration();
                    case "getText":
                      throw new OutOfMemoryError("a length of garbage");
                    case "getJMSMessageID":
                      throw new IllegalArgumentException("no id");
                    default:
                      throw new JMSException("no " + method.getName());
                  }
                });
    BrokerMessage decoded = decode(hostile);
    assertThat(decoded.properties()).isEqualTo(Map.of("JMSCorrelationID", "c-1"));
    assertThat(decoded.bodyFormat()).isEqualTo("unsupported");
    assertThat(decoded.replyTo()).isEmpty();
    assertThat(decoded.expiresAt()).isEqualTo(BrokerMessage.NEVER);
  }

  @Test
  void anObjectMessageIsUnsupported() throws Exception {
    assertUnsupported(decode(answer(new ActiveMQObjectMessage())));
  }

  @Test
  void aBlobMessageIsUnsupportedAndNotFetched() throws Exception {
    ActiveMQBlobMessage blob = answer(new ActiveMQBlobMessage());
    blob.setURL(new URL("http://127.0.0.1:1/secret"));
    assertUnsupported(decode(blob));
    BrokerMessage none = decode(answer(new ActiveMQMessage()));
    assertThat(none.body()).isNull();
    assertThat(none.bodyFormat()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\0b", "x\ud83d\ude00", "\ufffd"})
  void whatOpenWireCorruptsIsNotCarried(String text) {
    assertThat(OpenWire.carries(text)).isFalse();
    assertThat(OpenWire.carries("\u00e9\u4e2d\uffff plain")).isTrue();
  }

  @Test
  void nestedMapsAndListsKeepTheirShape() throws Exception {
    ActiveMQMapMessage map = answer(new ActiveMQMapMessage());
    map.setObject("map", Map.of("inner", Map.of("n", 1)));
    List<Object> list = new ArrayList<>(Arrays.asList("a", 2, null, 1L << 60));
    list.add(List.of(true));
    map.setObject("list", list);
    map.setBytes("bytes", new byte[] {1, 2, 3});
    map.setChar("char", 'x');
    map.setObject("null", null);
    BrokerMessage decoded = decode(sent(map));
    Map<String, Object> shape =
        Map.of(
            "map",
            Map.of("inner", Map.of("n", 1)),
            "list",
            Arrays.asList("a", 2, null, String.valueOf(1L << 60), List.of(true)),
            "bytes",
            "AQID",
            "char",
            "x");
    assertThat(decoded.bodyFormat()).isEqualTo("map");
    assertThat(asMap(decoded.body())).containsAllEntriesOf(shape).containsEntry("null", null);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> asMap(Object body) {
    return (Map<String, Object>) body;
  }

  @Test
  void aPropertyMayBeAMapWhereTheProviderAllowsIt() throws Exception {
    ActiveMQTextMessage text = answer(new ActiveMQTextMessage());
    text.setObjectProperty("map", Map.of("list", List.of("a", 'b')));
    assertThat(decode(sent(text)).properties())
        .containsEntry("map", Map.of("list", List.of("a", "b")));
  }

  @Test
  void aStreamHasItsValuesInOrder() throws Exception {
    var stream = answer(new org.apache.activemq.command.ActiveMQStreamMessage());
    stream.writeObject(null);
    stream.writeChar('x');
    stream.writeBytes(new byte[] {1, 2, 3});
    stream.writeLong(1L << 60);
    stream.writeDouble(Double.NaN);
    BrokerMessage decoded = decode(sent(stream));
    assertThat(decoded.body())
        .isEqualTo(Arrays.asList(null, "x", "AQID", "1152921504606846976", "NaN"));
    assertThat(decoded.bodyFormat()).isEqualTo("stream");
  }

  private static Message artemis(byte type) {
    return org.apache.activemq.artemis.jms.client.ActiveMQMessage.createMessage(
        new ClientMessageImpl(type, false, 0, NOW, (byte) 4, 1000, null), null);
  }

  @Test
  void aStreamOfArtemisEndsWhereItEnds() throws Exception {
    ActiveMQStreamMessage stream = (ActiveMQStreamMessage) artemis(ActiveMQStreamMessage.TYPE);
    stream.clearBody();
    stream.writeString("a");
    stream.writeInt(1);
    stream.reset();
    assertThat(decode(stream).body()).isEqualTo(List.of("a", 1));
  }

  @Test
  void providersOwnValuesAreTextsOrNumbersOfJson() throws Exception {
    UUID id = UUID.randomUUID();
    JsonValues values = new JsonValues(1000);
    assertThat(values.of(id)).isEqualTo(id.toString());
    assertThat(values.of(new Date(0))).isEqualTo("1970-01-01T00:00:00Z");
    assertThat(values.of(new StringBuilder("text"))).isEqualTo("text");
    assertThat(values.of(unsigned(7))).isEqualTo(7L);
    assertThat(values.of(unsigned(-1))).isEqualTo("18446744073709551615");
  }

  private static Number unsigned(long bits) {
    return org.apache.qpid.proton.amqp.UnsignedLong.valueOf(bits);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aMessageIsTooLargeFromOneByteOn(boolean tooLarge) throws Exception {
    int more = tooLarge ? 1 : 0;
    // One byte is for the property JMSXDeliveryCount.
    ActiveMQTextMessage text = new ActiveMQTextMessage();
    text.setText("x".repeat(999 + more));
    assertThat(decode(text).tooLarge()).isEqualTo(tooLarge);
    ActiveMQBytesMessage bytes = new ActiveMQBytesMessage();
    bytes.writeBytes(new byte[747 + more]);
    bytes.reset();
    assertThat(decode(bytes).tooLarge()).isEqualTo(tooLarge);
    ActiveMQTextMessage property = new ActiveMQTextMessage();
    // The value itself counts as one byte at least.
    property.setStringProperty("p", "x".repeat(998 + more));
    assertThat(decode(property).tooLarge()).isEqualTo(tooLarge);
    ActiveMQMapMessage map = new ActiveMQMapMessage();
    map.setString("m", "x".repeat(997 + more));
    BrokerMessage decoded = decode(map);
    assertThat(decoded.tooLarge()).isEqualTo(tooLarge);
    assertThat(decoded.body() == null).isEqualTo(tooLarge);
  }

  @Test
  void theBytesOfAMessageThatIsTooLargeAreNotRead() {
    BytesMessage huge =
        (BytesMessage)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {BytesMessage.class},
                (self, method, arguments) ->
                    switch (method.getName()) {
                      case "getBodyLength" -> 1L << 40;
                      case "readBytes" -> throw new AssertionError("read");
                      case "getPropertyNames" -> java.util.Collections.emptyEnumeration();
                      case "getJMSTimestamp", "getJMSExpiration" -> 0L;
                      default -> null;
                    });
    assertThat(decode(huge).tooLarge()).isTrue();
  }

  @Test
  void anExpirationBecomesATimeOfTheBridgesTicker() throws Exception {
    ActiveMQTextMessage text = new ActiveMQTextMessage();
    assertThat(decode(text).expiresAt()).isEqualTo(BrokerMessage.NEVER);
    text.setJMSExpiration(NOW + 2_000);
    assertThat(decode(text).expiresAt()).isEqualTo(TICK + 2_000);
    text.setJMSExpiration(NOW - 2_000);
    assertThat(decode(text).expiresAt()).isEqualTo(TICK - 2_000);
    text.setJMSExpiration(Long.MAX_VALUE);
    assertThat(decode(text).expiresAt()).isEqualTo(BrokerMessage.NEVER);
  }

  @Test
  void aTemporaryNameIsRevealedByNoNestedValueEither() throws Exception {
    ActiveMQTextMessage text = answer(new ActiveMQTextMessage());
    text.setJMSReplyTo(new ActiveMQTempTopic("ID:secret-1"));
    text.setObjectProperty("map", Map.of("deep", List.of("to ID:secret-1 please")));
    text.setObjectProperty("key", Map.of("ID:secret-1", 1));
    text.setObjectProperty("sound", Map.of("deep", List.of("nothing")));
    assertThat(decode(sent(text)).properties())
        .containsKey("sound")
        .doesNotContainKeys("map", "key");
  }

  @Test
  void aMessageOfArtemisHasNoIdIfItsSenderGaveNone() throws Exception {
    var text =
        (org.apache.activemq.artemis.jms.client.ActiveMQTextMessage)
            artemis(org.apache.activemq.artemis.jms.client.ActiveMQTextMessage.TYPE);
    text.clearBody();
    text.setText("hello");
    BrokerMessage decoded = decode(text);
    assertThat(decoded.body()).isEqualTo("hello");
    assertThat(decoded.messageId()).isEmpty();
  }

  @Test
  void bodiesAndPropertiesAreWrittenWithTheirTypes() throws Exception {
    Session session =
        (Session)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Session.class},
                (self, method, arguments) -> {
                  if (method.getName().equals("createTextMessage")) {
                    ActiveMQTextMessage text = new ActiveMQTextMessage();
                    text.setText((String) arguments[0]);
                    return text;
                  }
                  return new ActiveMQBytesMessage();
                });
    TextMessage text =
        (TextMessage)
            codec.encode(
                session,
                new MessageBody.Text("hello", "text"),
                Map.of("n", 7, "flag", true, "d", 1.5, "s", "x"));
    assertThat(text.getText()).isEqualTo("hello");
    assertThat(text.getObjectProperty("n")).isEqualTo(7);
    assertThat(text.getObjectProperty("flag")).isEqualTo(true);
    assertThat(text.getObjectProperty("d")).isEqualTo(1.5);
    assertThat(text.getObjectProperty("s")).isEqualTo("x");
    ActiveMQBytesMessage bytes =
        (ActiveMQBytesMessage)
            codec.encode(
                session, new MessageBody.Bytes("hello".getBytes(StandardCharsets.UTF_8)), Map.of());
    bytes.reset();
    assertThat(decode(bytes).body()).isEqualTo("aGVsbG8=");
  }
}
