package io.longspan.catalogue;

import io.longspan.config.LongspanConfig;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Supplies the catalogue in force. It comes from the configured file. Without a file it is the
 * demo's catalogue if the demo or the embedded broker is on, and otherwise empty.
 */
public final class CatalogueSource implements Supplier<DestinationCatalogue> {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogueSource.class);
  private static final String DEMO = "/demo/catalogue.yaml";

  private final Supplier<DestinationCatalogue> catalogue;
  private final BooleanSupplier reload;

  private CatalogueSource(Supplier<DestinationCatalogue> catalogue, BooleanSupplier reload) {
    this.catalogue = catalogue;
    this.reload = reload;
  }

  /**
   * Reads the catalogue of a configuration; blocks.
   *
   * @throws io.longspan.config.ConfigException if the file is unreadable or broken; one line
   */
  public static CatalogueSource of(LongspanConfig config) {
    if (config.catalogue().isPresent()) {
      CatalogueFile file =
          new CatalogueFile(
              config.catalogue().get(), CatalogueBrokers.of(config.broker(), config.brokers()));
      return new CatalogueSource(file, file::reloadIfChanged);
    }
    DestinationCatalogue fixed =
        config.demo() || config.broker().provider() == Provider.EMBEDDED
            ? demo(config.broker())
            : empty();
    return new CatalogueSource(() -> fixed, () -> false);
  }

  private static DestinationCatalogue demo(Broker broker) {
    try (InputStream resource = CatalogueSource.class.getResourceAsStream(DEMO)) {
      if (resource == null) {
        return empty();
      }
      return new CatalogueParser(broker)
          .parse(new String(resource.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  private static DestinationCatalogue empty() {
    LOG.warn(
        "no catalogue is configured, so clients cannot use any destination; set the key catalogue");
    return new CatalogueParser().parse("destinations: []");
  }

  @Override
  public DestinationCatalogue get() {
    return catalogue.get();
  }

  /** Returns all roles in the catalogue in force, in alphabetical order. */
  public Set<String> roles() {
    return get().roles();
  }

  /**
   * Reads the file again if it has changed. Called by one thread at a time.
   *
   * @return true if another catalogue is in force now
   */
  public boolean reloadIfChanged() {
    return reload.getAsBoolean();
  }
}
