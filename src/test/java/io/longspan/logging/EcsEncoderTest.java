package io.longspan.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class EcsEncoderTest {
  private final LoggerContext context = new LoggerContext();

  @BeforeEach
  void configure() throws Exception {
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(getClass().getResource("/logback.xml"));
    JsonLog.use(context, "bridge-7");
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  @Test
  void anEventHasTheFieldsOfEcs() throws Exception {
    JsonNode line = line("client connected user=Zoë", null);

    assertThat(line.path("@timestamp").asText()).matches("\\d{4}-.*Z");
    assertThat(line.path("log.level").asText()).isEqualTo("INFO");
    assertThat(line.path("message").asText()).isEqualTo("client connected user=Zoë");
    assertThat(line.path("log.logger").asText()).isEqualTo("io.longspan.bridge.Bridge");
    assertThat(line.path("process.thread.name").asText()).isNotEmpty();
    assertThat(line.path("service.name").asText()).isEqualTo("longspan");
    assertThat(line.path("service.node.name").asText()).isEqualTo("bridge-7");
    assertThat(line.has("error.type")).isFalse();
  }

  @Test
  void anExceptionIsInItsFields() throws Exception {
    JsonNode line =
        line("failed", new IllegalStateException("at tcp://u:secret@h", new RuntimeException("x")));

    assertThat(line.path("error.type").asText()).isEqualTo("java.lang.IllegalStateException");
    assertThat(line.path("error.message").asText()).isEqualTo("at tcp://(hidden)@h");
    assertThat(line.path("error.stack_trace").asText())
        .contains("EcsEncoderTest", "Caused by: java.lang.RuntimeException: x")
        .doesNotContain("secret");
  }

  @Test
  void aMessageCanNeitherForgeALineNorAFieldNorShowAPassword() throws Exception {
    JsonNode line = line("a\n{\"log.level\":\"ERROR\"}\u2028\",\"x\":1 amqp://u:secret@h", null);

    assertThat(line.path("log.level").asText()).isEqualTo("INFO");
    assertThat(line.has("x")).isFalse();
    assertThat(line.toString()).doesNotContain("secret");
  }

  @Test
  void theIdOfATraceIsAFieldOfEcsAndOtherContextALabel() throws Exception {
    LoggingEvent event = event("m", null);
    event.setMDCPropertyMap(Map.of("trace.id", "4bf92f", "message", "forged"));
    JsonNode line = parsed(event);

    assertThat(line.path("trace.id").asText()).isEqualTo("4bf92f");
    assertThat(line.path("labels.message").asText()).isEqualTo("forged");
    assertThat(line.path("message").asText()).isEqualTo("m");
  }

  private JsonNode line(String message, Throwable failure) throws Exception {
    LoggingEvent event = event(message, failure);
    event.setMDCPropertyMap(Map.of());
    return parsed(event);
  }

  private LoggingEvent event(String message, Throwable failure) {
    Logger logger = context.getLogger("io.longspan.bridge.Bridge");
    return new LoggingEvent(Logger.class.getName(), logger, Level.INFO, message, failure, null);
  }

  private JsonNode parsed(ILoggingEvent event) throws Exception {
    @SuppressWarnings("unchecked")
    ConsoleAppender<ILoggingEvent> console =
        (ConsoleAppender<ILoggingEvent>)
            context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("console");
    String text = new String(console.getEncoder().encode(event), StandardCharsets.UTF_8);
    assertThat(text).endsWith("}\n");
    assertThat(text.strip().lines()).hasSize(1);
    return new ObjectMapper().readTree(text);
  }
}
