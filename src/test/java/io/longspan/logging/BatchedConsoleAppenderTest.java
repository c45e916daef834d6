package io.longspan.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class BatchedConsoleAppenderTest {
  private final List<String> writes = Collections.synchronizedList(new ArrayList<>());
  private final LoggerContext context = new LoggerContext();
  private final Logger log = context.getLogger("access");
  private final BatchedConsoleAppender appender = new BatchedConsoleAppender();

  @BeforeEach
  void start() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%msg\n");
    encoder.start();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.start();
    appender.setOutputStream(
        new OutputStream() {
          @Override
          public void write(int one) {
            write(new byte[] {(byte) one}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int from, int length) {
            writes.add(new String(bytes, from, length, StandardCharsets.UTF_8));
          }
        });
    log.setLevel(Level.INFO);
    log.addAppender(appender);
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  @Test
  void linesAreWrittenSoonAndTogether() {
    List<String> lines = IntStream.range(0, 500).mapToObj(i -> "line " + i + "\n").toList();
    lines.forEach(line -> log.info(line.strip()));
    Awaitility.await().until(() -> String.join("", writes).equals(String.join("", lines)));
    assertThat(writes.size()).isLessThan(lines.size());
  }

  @Test
  void noLineIsSplit() {
    String line = "x".repeat(1_000);
    IntStream.range(0, 100).forEach(i -> log.info(line));
    Awaitility.await().until(() -> String.join("", writes).length() == 100 * 1_001);
    assertThat(writes).allMatch(batch -> batch.endsWith("\n"));
  }

  @Test
  void theEndWritesWhatIsLeft() {
    log.info("last");
    context.stop();
    assertThat(writes).containsExactly("last\n");
  }

  @Test
  void whatWaitsCanBeWrittenAtOnce() {
    log.info("last");
    BatchedConsoleAppender.flush(log);
    assertThat(writes).containsExactly("last\n");
  }

  @Test
  void aLineAfterABatchIsWrittenToo() {
    log.info("first");
    Awaitility.await().until(() -> writes.equals(List.of("first\n")));
    log.info("second");
    Awaitility.await().until(() -> writes.equals(List.of("first\n", "second\n")));
  }
}
