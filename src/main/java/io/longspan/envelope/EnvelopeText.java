package io.longspan.envelope;

import io.longspan.protocol.BrokerMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The text of a message: MQTT connectors deliver text as bytes. Stateless. */
final class EnvelopeText {
  private EnvelopeText() {}

  /**
   * Returns the text of a message.
   *
   * @throws IOException if it has none, or its bytes are not UTF-8
   */
  static String of(BrokerMessage message) throws IOException {
    if (!(message.body() instanceof String text)) {
      throw new IOException("neither text nor bytes");
    }
    if (message.bodyFormat() == null) {
      return text;
    }
    if (!message.bodyFormat().equals("base64")) {
      throw new IOException("neither text nor bytes");
    }
    byte[] bytes = Base64.getDecoder().decode(text);
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }
}
