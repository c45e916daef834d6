package io.longspan.jms.forward;

import io.longspan.jms.MessageCopy;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the answers to forwarded requests back. A request gets a temporary queue as {@code
 * JMSReplyTo}, and a correlation id that is unique. Its answer is sent to the original reply
 * address with the original correlation id.
 *
 * <p>Requests are registered on the forwarder's thread; answers arrive on a delivery thread of the
 * forwarder's own connection. The lock is held for map operations only.
 */
final class AnswersBack {
  /** The maximum number of requests that wait for an answer; then the oldest is forgotten. */
  static final int CAPACITY = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(AnswersBack.class);

  /**
   * A forwarded request.
   *
   * @param correlationId the original one, or the message id of a request without one
   */
  private record Request(Destination replyTo, String correlationId) {
    /** Returns what identifies the request among those of all senders. */
    String key() {
      return correlationId + '\n' + replyTo;
    }
  }

  private final ForwardCounts counts;
  private final Destination replyTo;
  private final Session sending;
  private final MessageProducer producer;

  /** Guarded by this: requests by the correlation id with which they were forwarded. */
  private final Map<String, Request> requests = new LinkedHashMap<>();

  /** Guarded by this: those correlation ids by {@link Request#key}. */
  private final Map<String, String> ids = new LinkedHashMap<>();

  /**
   * Starts to listen for answers.
   *
   * @param from the connection on which requests arrive
   * @param to the connection on which they are forwarded
   * @throws JMSException if a broker refuses
   */
  AnswersBack(Connection from, Connection to, ForwardCounts counts) throws JMSException {
    this.counts = counts;
    sending = from.createSession(false, Session.AUTO_ACKNOWLEDGE);
    producer = sending.createProducer(null);
    Session listening = to.createSession(false, Session.AUTO_ACKNOWLEDGE);
    replyTo = listening.createTemporaryQueue();
    listening.createConsumer(replyTo).setMessageListener(this::answered);
  }

  /** Prepares the copy of a request, if the request has a reply address. */
  void expect(Message request, Message copy) throws JMSException {
    Destination original = request.getJMSReplyTo();
    if (original == null) {
      return;
    }
    copy.setJMSReplyTo(replyTo);
    copy.setJMSCorrelationID(
        register(
            new Request(
                original,
                Optional.ofNullable(request.getJMSCorrelationID())
                    .orElse(request.getJMSMessageID()))));
  }

  /** A message with the same correlation id and address, such as a cancel, keeps its id. */
  private synchronized String register(Request request) {
    String id = ids.computeIfAbsent(request.key(), key -> UUID.randomUUID().toString());
    requests.put(id, request);
    if (requests.size() > CAPACITY) {
      counts.discarded.increment();
      remove(requests.keySet().iterator().next());
    }
    return id;
  }

  private synchronized void remove(String id) {
    Request request = requests.remove(id);
    if (request != null) {
      ids.remove(request.key());
    }
  }

  private synchronized Request find(String id) {
    return requests.get(id);
  }

  private void answered(Message answer) {
    try {
      String id = answer.getJMSCorrelationID();
      Request request = id == null ? null : find(id);
      if (request == null) {
        counts.discarded.increment();
        LOG.debug("answer to an unknown request discarded id={}", answer.getJMSMessageID());
        return;
      }
      if (!"false".equals(answer.getStringProperty("done"))) {
        remove(id);
      }
      Message copy = MessageCopy.copy(sending, answer);
      copy.setJMSCorrelationID(request.correlationId());
      producer.send(
          request.replyTo(),
          copy,
          answer.getJMSDeliveryMode(),
          answer.getJMSPriority(),
          TimeLeft.of(answer).orElse(1L));
      counts.answers.increment();
    } catch (JMSException | RuntimeException x) {
      counts.discarded.increment();
      LOG.warn("answer not brought back", x);
    }
  }
}
