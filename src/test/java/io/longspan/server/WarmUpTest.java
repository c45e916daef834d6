package io.longspan.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.longspan.concurrent.InternalErrors;
import io.longspan.config.LongspanConfig.Provider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

@Timeout(60)
final class WarmUpTest {
  @ParameterizedTest
  @EnumSource(names = {"NONE", "EMBEDDED", "ACTIVEMQ"})
  void callsAServiceAndLeavesOneLineInTheLog(Provider provider) throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    Logger access = (Logger) LoggerFactory.getLogger("longspan.access");
    AppenderBase<ILoggingEvent> all =
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage());
          }
        };
    all.setContext(root.getLoggerContext());
    all.start();
    root.addAppender(all);
    access.addAppender(all);
    long errors = InternalErrors.count();
    long folders = folders();
    try {
      WarmUp.run(Duration.ofSeconds(3), provider, Path.of("webapp"), getClass().getClassLoader());
      LoggerFactory.getLogger(WarmUp.class).info("afterwards");
    } finally {
      root.detachAppender(all);
      access.detachAppender(all);
    }
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0)).matches("warmed up requests=[1-9][0-9]* millis=[0-9]+");
    assertThat(InternalErrors.count()).isEqualTo(errors);
    assertThat(folders()).isEqualTo(folders);
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("longspan-") && thread.isAlive());
  }

  private static long folders() throws Exception {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files.filter(file -> file.toString().contains("longspan-warm-up-")).count();
    }
  }
}
