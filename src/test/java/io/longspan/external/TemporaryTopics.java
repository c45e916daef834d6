package io.longspan.external;

import io.longspan.wire.BrokerView;
import io.longspan.wire.TestBroker;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.TemporaryTopic;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.activemq.advisory.DestinationSource;
import org.apache.activemq.command.ActiveMQTempTopic;
import org.awaitility.Awaitility;

/** What a broker itself says that it keeps for temporary topics, and for topics' consumers. */
final class TemporaryTopics {
  private static final Pattern UNIQUE = Pattern.compile("\\p{XDigit}{8}-(?:\\p{XDigit}{4}-){3}.*");

  private TemporaryTopics() {}

  /** The advisories of all temporary topics that there are come to each new consumer of them. */
  static Set<String> ofActiveMq(ConnectionFactory factory) {
    try (Connection connection = factory.createConnection()) {
      connection.start();
      DestinationSource source = new DestinationSource(connection);
      source.start();
      Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      TemporaryTopic last = session.createTemporaryTopic();
      Awaitility.await().until(() -> source.getTemporaryTopics().contains(last));
      Set<String> names =
          source.getTemporaryTopics().stream()
              .filter(topic -> !topic.equals(last))
              .map(ActiveMQTempTopic::getPhysicalName)
              .collect(Collectors.toSet());
      source.stop();
      return names;
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
  }

  /** Only addresses with a queue: others are old names that somebody has sent to. */
  static Set<String> ofArtemis(TestBroker broker) {
    try (BrokerView view = BrokerView.of(broker)) {
      return view.destinations().keySet().stream()
          .filter(name -> name.startsWith("queue ") && UNIQUE.matcher(name).find())
          .collect(Collectors.toSet());
    }
  }
}
