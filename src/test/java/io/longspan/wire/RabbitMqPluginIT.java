package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.longspan.external.ExternalRabbitMq;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A node of RabbitMQ without the plugin for JMS topics. */
final class RabbitMqPluginIT {

  @Test
  void theReasonNamesThePlugin() {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger logger = (Logger) LoggerFactory.getLogger("io.longspan.jms.ConnectionSupervisor");
    logger.addAppender(log);
    try (ExternalRabbitMq node = new ExternalRabbitMq("");
        TestBridge bridge = TestBridge.start(node.settings(), false)) {
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(log.list)
                      .extracting(ILoggingEvent::getFormattedMessage)
                      .anyMatch(
                          line ->
                              line.startsWith("broker not reachable")
                                  && line.contains("plugin rabbitmq_jms_topic_exchange")));
      assertThat(bridge.status("health/ready")).isEqualTo(503);
    } finally {
      logger.detachAppender(log);
    }
  }
}
