package io.longspan.jms.forward;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.Forward;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.jms.JmsMessageBroker;
import io.longspan.jms.MessageCopy;
import io.longspan.jms.MessageFormatProblem;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two connections of one {@code forward} entry, and the passing of messages between them. A
 * message from a queue is removed there only after the other broker has accepted it.
 *
 * <p>Used by the forwarder's thread only.
 */
final class ForwardLink implements AutoCloseable {
  /** Property with the entries through which a message has come, to detect loops. */
  static final String VIA = "longspanVia";

  /** The maximum number of entries through which a message may come. */
  static final int MAX_HOPS = 8;

  /** How often the loop checks whether it must end, in milliseconds. */
  private static final long PERIOD = 500;

  private static final int CACHED_DESTINATIONS = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(ForwardLink.class);

  private final Forward entry;
  private final String id;
  private final Broker to;
  private final ForwardCounts counts;
  private final Connection source;
  private final Connection target;
  private volatile JMSException failure;
  private Session taking;
  private MessageConsumer consumer;
  private Session giving;
  private MessageProducer producer;
  private Optional<AnswersBack> answers = Optional.empty();
  private boolean loopLogged;

  private final Map<String, Destination> destinations =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Destination> eldest) {
          return size() > CACHED_DESTINATIONS;
        }
      };

  /**
   * Connects; blocks.
   *
   * @param id identifies the entry among those of all bridges
   * @throws JMSException if a broker cannot be reached, or refuses
   */
  ForwardLink(Forward entry, String id, Broker from, Broker to, ForwardCounts counts)
      throws JMSException {
    this.entry = entry;
    this.id = id;
    this.to = to;
    this.counts = counts;
    this.source = JmsMessageBroker.connectionFactory(from).createConnection();
    try {
      this.target = JmsMessageBroker.connectionFactory(to).createConnection();
    } catch (JMSException | RuntimeException x) {
      source.close();
      throw x;
    }
    try {
      open(from);
    } catch (JMSException | RuntimeException x) {
      close();
      throw x;
    }
  }

  private void open(Broker from) throws JMSException {
    source.setExceptionListener(x -> failure = x);
    target.setExceptionListener(x -> failure = x);
    giving = target.createSession(false, Session.AUTO_ACKNOWLEDGE);
    producer = giving.createProducer(null);
    if (entry.answers()) {
      answers = Optional.of(new AnswersBack(source, target, counts));
    }
    taking =
        entry.isQueue()
            ? source.createSession(true, Session.SESSION_TRANSACTED)
            : source.createSession(false, Session.AUTO_ACKNOWLEDGE);
    consumer = taking.createConsumer(JmsMessageBroker.destination(from, taking, entry.source()));
    target.start();
    source.start();
  }

  /**
   * Passes messages; blocks.
   *
   * @param goOn false to return after the present message
   * @throws JMSException if a connection is lost, or a broker refuses
   */
  void run(BooleanSupplier goOn) throws JMSException {
    while (goOn.getAsBoolean()) {
      Message message = consumer.receive(PERIOD);
      if (message != null) {
        pass(message);
        if (entry.isQueue()) {
          taking.commit();
        }
      } else if (failure != null) {
        throw failure;
      }
    }
  }

  private void pass(Message message) throws JMSException {
    Optional<Long> timeToLive = TimeLeft.of(message);
    String via = Optional.ofNullable(message.getStringProperty(VIA)).orElse("");
    BrokerDestination wanted = entry.target(nameOf(message.getJMSDestination()));
    if (timeToLive.isEmpty() || wanted == null || isLoop(via)) {
      counts.discarded.increment();
      return;
    }
    Message copy;
    try {
      copy = MessageCopy.copy(giving, message);
    } catch (MessageFormatProblem x) {
      setAside(message, x);
      return;
    }
    copy.setStringProperty(VIA, via.isEmpty() ? id : via + '|' + id);
    if (answers.isPresent()) {
      answers.get().expect(message, copy);
    }
    producer.send(
        destination(wanted),
        copy,
        message.getJMSDeliveryMode(),
        message.getJMSPriority(),
        timeToLive.get());
    counts.forwarded.increment();
  }

  private boolean isLoop(String via) {
    List<String> hops = via.isEmpty() ? List.of() : Arrays.asList(via.split("\\|"));
    boolean loop = hops.contains(id) || hops.size() >= MAX_HOPS;
    if (loop && !loopLogged) {
      loopLogged = true;
      LOG.warn("message not forwarded again, the entries are a loop entry={} via={}", entry, via);
    }
    return loop;
  }

  /** Keeps a message of a queue beside the queue, in the same transaction. */
  private void setAside(Message message, MessageFormatProblem reason) throws JMSException {
    counts.discarded.increment();
    LOG.error(
        "message not forwarded entry={} id={} reason={}",
        entry,
        message.getJMSMessageID(),
        reason.getMessage());
    if (entry.isQueue()) {
      try (MessageProducer aside =
          taking.createProducer(taking.createQueue(entry.source().name() + ".unforwarded"))) {
        aside.send(message);
      }
    }
  }

  private Destination destination(BrokerDestination wanted) throws JMSException {
    Destination known = destinations.get(wanted.name());
    if (known == null) {
      known = JmsMessageBroker.destination(to, giving, wanted);
      destinations.put(wanted.name(), known);
    }
    return known;
  }

  private static String nameOf(Destination destination) throws JMSException {
    return destination instanceof Queue queue
        ? queue.getQueueName()
        : ((Topic) destination).getTopicName();
  }

  @Override
  public void close() {
    for (Connection connection : List.of(source, target)) {
      try {
        connection.close();
      } catch (JMSException | RuntimeException x) {
        LOG.debug("a connection could not be closed entry={}", entry, x);
      }
    }
  }
}
