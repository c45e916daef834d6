package io.longspan.server.command;

import io.longspan.config.ConfigException;
import io.longspan.config.LongspanConfig;
import io.longspan.config.Secrets;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * Handles SIGHUP. Files that the configuration names are read again when they change, without a
 * signal: the catalogue, the users, the token keys, the certificate. The signal checks the
 * configuration itself, and says which of its changes need a restart.
 */
final class ReloadSignal {
  private static final Logger LOG = LoggerFactory.getLogger(ReloadSignal.class);
  private static final String BY_THEMSELVES =
      "catalogue, users, token keys and certificate are in force as their files are";

  private ReloadSignal() {}

  /**
   * Installs the handler. Without it, the signal would end the process.
   *
   * @param running the configuration in force
   * @param reload reads the configuration again; throws {@link ConfigException}
   */
  static void install(LongspanConfig running, Supplier<LongspanConfig> reload) {
    try {
      Signal.handle(new Signal("HUP"), received -> LOG.info("{}", report(running, reload)));
    } catch (IllegalArgumentException takenElsewhere) {
      LOG.debug("SIGHUP cannot be handled", takenElsewhere); // the JVM runs with -Xrs, or Windows
    }
  }

  /** Returns what the signal has done, in one line. */
  static String report(LongspanConfig running, Supplier<LongspanConfig> reload) {
    List<String> changed;
    try {
      changed = changed(running, reload.get());
    } catch (ConfigException wrong) {
      return "SIGHUP: the configuration cannot be used, and a restart would fail: "
          + Secrets.masked(String.valueOf(wrong.getMessage()));
    }
    return "SIGHUP: %s; needs a restart: %s"
        .formatted(BY_THEMSELVES, changed.isEmpty() ? "nothing" : String.join(", ", changed));
  }

  /** Returns the top-level keys whose values differ. */
  private static List<String> changed(LongspanConfig running, LongspanConfig read) {
    List<String> keys = new ArrayList<>();
    for (RecordComponent key : LongspanConfig.class.getRecordComponents()) {
      try {
        Object before = key.getAccessor().invoke(running);
        if (!Objects.equals(before, key.getAccessor().invoke(read))) {
          keys.add(key.getName());
        }
      } catch (ReflectiveOperationException impossible) {
        throw new IllegalStateException(impossible);
      }
    }
    return keys;
  }
}
