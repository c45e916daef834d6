package io.longspan.catalogue;

import io.longspan.config.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The catalogue file, and the catalogue in force. The old catalogue stays in force while the file
 * is broken or unreadable (protocol section 10), which is reported once. {@link #get} may be called
 * on any thread.
 */
public final class CatalogueFile implements Supplier<DestinationCatalogue> {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogueFile.class);

  private final CatalogueParser parser;
  private final Path file;
  private volatile DestinationCatalogue inForce;
  private volatile String lastRead;

  /** Whether the last attempt to read the file failed. Only the thread that reloads uses it. */
  private boolean unreadable;

  /**
   * Reads the file; blocks.
   *
   * @param brokers the brokers that the catalogue must suit
   * @throws ConfigException if the file is unreadable or broken; the message is one line with the
   *     file, the place and the problem
   */
  CatalogueFile(Path file, CatalogueBrokers brokers) {
    this.file = file;
    this.parser = new CatalogueParser(brokers);
    try {
      this.lastRead = Files.readString(file);
      this.inForce = parser.parse(lastRead);
    } catch (IOException | UncheckedIOException x) {
      LOG.debug("catalogue cannot be read", x);
      throw new ConfigException(
          "catalogue: \"%s\" is not allowed; allowed: a readable file in UTF-8".formatted(file));
    } catch (IllegalArgumentException x) {
      LOG.debug("catalogue is broken", x);
      throw new ConfigException("catalogue: \"%s\": %s".formatted(file, x.getMessage()));
    }
  }

  @Override
  public DestinationCatalogue get() {
    return inForce;
  }

  /**
   * Reads the file again and applies it if its entries have changed. Edits of comments change
   * nothing. Called by one thread at a time; reads a small file.
   *
   * @return true if another catalogue is in force now
   */
  public boolean reloadIfChanged() {
    try {
      String text = Files.readString(file);
      unreadable = false;
      if (text.equals(lastRead)) {
        return false;
      }
      lastRead = text;
      DestinationCatalogue read = parser.parse(text);
      if (read.equals(inForce)) {
        LOG.info("catalogue file changed, but its entries are the same file={}", file);
        return false;
      }
      inForce = read;
      LOG.info("catalogue reloaded file={} entries={}", file, inForce.size());
      return true;
    } catch (IOException x) {
      if (!unreadable) {
        LOG.warn("catalogue cannot be read, the old one stays in force file={}", file, x);
      }
      unreadable = true;
    } catch (IllegalArgumentException x) {
      LOG.error(
          "catalogue is broken, the old one stays in force file={} error={}", file, x.getMessage());
    }
    return false;
  }
}
