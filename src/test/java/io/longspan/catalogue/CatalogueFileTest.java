package io.longspan.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Provider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A catalogue file that is away for a while. */
final class CatalogueFileTest {
  private static final String ENTRY =
      "destinations: [{name: news, kind: topic, subscribe: [\"*\"]}]\n";
  private static final Broker BROKER =
      new Broker(
          Provider.ARTEMIS,
          "tcp://127.0.0.1:61616",
          "",
          "",
          Dialect.ARTEMIS,
          new Jndi("", Map.of()));
  private static final Logger LOG = (Logger) LoggerFactory.getLogger(CatalogueFile.class);

  @TempDir private Path folder;
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void listen() {
    log.start();
    LOG.addAppender(log);
  }

  @AfterEach
  void stopListening() {
    LOG.detachAppender(log);
  }

  private long warnings() {
    return log.list.stream().filter(event -> event.getLevel() == Level.WARN).count();
  }

  @Test
  void anUnreadableFileIsReportedOnceAndTheOldCatalogueStaysInForce() throws IOException {
    Path path = Files.writeString(folder.resolve("catalogue.yaml"), ENTRY);
    CatalogueFile file = new CatalogueFile(path, CatalogueBrokers.of(BROKER, Map.of()));
    DestinationCatalogue before = file.get();
    for (int absence = 1; absence <= 2; absence++) {
      Files.delete(path);
      for (int attempt = 0; attempt < 3; attempt++) {
        assertThat(file.reloadIfChanged()).isFalse();
      }
      assertThat(warnings()).isEqualTo(absence);
      assertThat(file.get()).isSameAs(before);
      Files.writeString(path, ENTRY);
      assertThat(file.reloadIfChanged()).isFalse();
    }
  }
}
