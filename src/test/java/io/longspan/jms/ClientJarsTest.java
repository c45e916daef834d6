package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import com.ibm.mq.jakarta.jms.MQConnectionFactory;
import com.ibm.mq.jakarta.jms.MQQueue;
import com.ibm.mq.jakarta.jms.MQTopic;
import com.ibm.msg.client.jakarta.wmq.WMQConstants;
import io.longspan.catalogue.CatalogueParser;
import io.longspan.catalogue.DestinationCatalogue;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import java.util.Map;
import java.util.Set;
import javax.naming.spi.InitialContextFactory;
import javax.naming.spi.ObjectFactory;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * What the clients of IBM MQ and Solace say without a broker: the class names of {@code
 * docs/brokers.md}, and how IBM MQ's client reads a JMS name.
 */
final class ClientJarsTest {
  private static final Identity ALICE = new Identity("alice", Set.of());

  private static final DestinationCatalogue CATALOGUE =
      new CatalogueParser(
              new Broker(Provider.JNDI, "", "", "", Dialect.IBMMQ, new Jndi("factory", Map.of())))
          .parse(
              """
              destinations:
                - {name: "q/{x}", kind: queue, jms: "{x}", send: ["*"]}
                - {name: "t/{x...}", kind: topic, jms: "{x}", send: ["*"]}
              """);

  @Example
  void theClassesThatTheDocumentationNamesExist() throws ReflectiveOperationException {
    assertThat(ConnectionFactory.class).isAssignableFrom(MQConnectionFactory.class);
    for (String factory : new String[] {"MQConnectionFactory", "MQQueue", "MQTopic"}) {
      assertThat(Class.forName("com.ibm.mq.jakarta.jms." + factory + "Factory"))
          .isAssignableTo(ObjectFactory.class);
    }
    assertThat(Class.forName("com.solacesystems.jndi.SolJNDIInitialContextFactory"))
        .isAssignableTo(InitialContextFactory.class);
    assertThat(Class.forName("com.solacesystems.jms.SolConnectionFactory"))
        .isAssignableTo(ConnectionFactory.class);
    assertThat(
            Class.forName("com.solacesystems.jms.SupportedProperty")
                .getField("SOLACE_JMS_VPN")
                .get(null))
        .isEqualTo("Solace_JMS_VPN");
  }

  @Example
  void anAdministeredQueueOfIbmMqCarriesItsOwnSettings() throws JMSException {
    MQQueue queue = new MQQueue("queue:///ORDERS?targetClient=1&persistence=2");
    assertThat(queue.getBaseQueueName()).isEqualTo("ORDERS");
    assertThat(queue.getTargetClient()).isEqualTo(WMQConstants.WMQ_TARGET_DEST_MQ);
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.of(
            "a",
            "B",
            ".",
            "%",
            "%2E",
            "/",
            ":",
            "queue:",
            "topic:",
            "?",
            "targetClient=1",
            "&",
            "=",
            "_",
            "+",
            "#",
            "@",
            "~",
            "(",
            ")",
            "!",
            "QM1",
            "//",
            "SYSTEM.")
        .list()
        .ofMinSize(1)
        .ofMaxSize(6)
        .map(pieces -> String.join("", pieces));
  }

  /** Otherwise a client could set options of a destination, or name another queue manager. */
  @Property(tries = 3000)
  void ibmMqReadsANameOfAClientAsAName(@ForAll("names") String name) throws JMSException {
    for (String entry : new String[] {"q/", "t/"}) {
      String jms = jmsName(entry + name);
      if (jms == null) {
        continue;
      }
      if (entry.equals("q/")) {
        MQQueue queue = new MQQueue(jms);
        assertThat(queue.getBaseQueueName()).isEqualTo(jms);
        assertThat(queue.getBaseQueueManagerName()).isNullOrEmpty();
        assertThat(queue.getTargetClient()).isEqualTo(new MQQueue("X").getTargetClient());
      } else {
        MQTopic topic = new MQTopic(jms);
        assertThat(topic.getBaseTopicName()).isEqualTo(jms);
        assertThat(topic.getTargetClient()).isEqualTo(new MQTopic("X").getTargetClient());
      }
    }
  }

  private static String jmsName(String name) {
    try {
      return CATALOGUE
          .match(ALICE, DestinationName.parse(name))
          .map(match -> match.destination().name())
          .orElse(null);
    } catch (BridgeException refusal) {
      return null;
    }
  }
}
