package io.longspan.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.config.ConfigException;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ReloadSignalTest {
  private static LongspanConfig config(Map<String, String> keys) {
    return ConfigLoader.load(Optional.empty(), keys, Map.of());
  }

  @Test
  void theLineSaysWhatNeedsARestart() {
    LongspanConfig running = config(Map.of());
    assertThat(ReloadSignal.report(running, () -> config(Map.of())))
        .endsWith("needs a restart: nothing");
    assertThat(
            ReloadSignal.report(
                running,
                () ->
                    config(
                        Map.of(
                            "longspan.session.timeout", "20s",
                            "longspan.limits.jsonDepth", "16"))))
        .endsWith("needs a restart: session, limits");
  }

  @Test
  void aConfigurationThatCannotBeUsedChangesNothing() {
    assertThat(
            ReloadSignal.report(
                config(Map.of()),
                () -> {
                  throw new ConfigException("http.port: '70000' is out of range");
                }))
        .isEqualTo(
            "SIGHUP: the configuration cannot be used, and a restart would fail: http.port: '70000'"
                + " is out of range");
  }
}
