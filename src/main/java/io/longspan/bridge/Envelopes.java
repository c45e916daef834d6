package io.longspan.bridge;

import io.longspan.catalogue.MessageForm;
import io.longspan.envelope.CommlibEnvelope;
import io.longspan.envelope.Envelope;
import io.longspan.protocol.BrokerMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The envelope of each form, and the reading of what services send. Stateless. */
final class Envelopes {
  private static final Logger LOG = LoggerFactory.getLogger(Envelopes.class);
  private static final Envelope REQUEST = CommlibEnvelope.ofRequests(System::currentTimeMillis);
  private static final Envelope TOPIC = CommlibEnvelope.ofTopics();

  private Envelopes() {}

  static Envelope of(MessageForm form) {
    return switch (form) {
      case JMS -> Envelope.JMS;
      case COMMLIB_REQUEST -> REQUEST;
      case COMMLIB_TOPIC -> TOPIC;
    };
  }

  /**
   * Reads a message of a form. One that does not have it becomes {@code unsupported}, is logged and
   * counted. Runs on JMS delivery threads; never throws.
   */
  static BrokerMessage read(MessageForm form, BrokerMessage message, BridgeMetrics metrics) {
    // A wrapped request is always unwrapped: it contains a reply address, which no client may see.
    boolean wrapped = message.text("bodyFormat").filter(CommlibEnvelope.FORMAT::equals).isPresent();
    BrokerMessage read = of(wrapped ? MessageForm.COMMLIB_REQUEST : form).unwrap(message);
    if (read.isUnsupported() && !message.isUnsupported()) {
      LOG.warn(
          "message does not have the form of its catalogue entry destination={} form={} id={}",
          message.destination(),
          form,
          message.messageId().orElse("none"));
      metrics.malformedEnvelope();
    }
    return read;
  }
}
