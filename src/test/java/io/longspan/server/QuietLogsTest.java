package io.longspan.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class QuietLogsTest {
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    root().addAppender(lines);
  }

  @AfterEach
  void detach() {
    root().detachAppender(lines);
  }

  @Test
  void onlyErrorsOfTheBridgeAreLogged() {
    try (QuietLogs quiet = QuietLogs.begin()) {
      LoggerFactory.getLogger("org.apache.activemq.ActiveMQMessageConsumer")
          .error("failed to deliver acknowledgements");
      LoggerFactory.getLogger(QuietLogsTest.class).warn("slow");
      LoggerFactory.getLogger(QuietLogsTest.class).error("broken");
    }
    LoggerFactory.getLogger("org.apache.activemq.ActiveMQMessageConsumer").error("afterwards");
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("broken", "afterwards");
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  }
}
