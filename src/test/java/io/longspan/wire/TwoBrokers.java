package io.longspan.wire;

import io.longspan.external.ExternalBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Two brokers in processes of their own, for one bridge: {@code office} is the default one, {@code
 * plant} the further one.
 */
final class TwoBrokers implements AutoCloseable {
  final ExternalBroker office;
  final ExternalBroker plant;
  private final Function<ExternalBroker, Map<String, String>> settings;

  /**
   * Starts the brokers.
   *
   * @param settings returns the bridge's settings for a broker
   */
  TwoBrokers(
      Supplier<ExternalBroker> office,
      Supplier<ExternalBroker> plant,
      Function<ExternalBroker, Map<String, String>> settings) {
    this.office = office.get();
    this.plant = plant.get();
    this.settings = settings;
  }

  /** Starts two brokers that the bridge reaches by their own clients. */
  TwoBrokers(Supplier<ExternalBroker> office, Supplier<ExternalBroker> plant) {
    this(office, plant, ExternalBroker::settings);
  }

  /** Returns the settings of a bridge, with a catalogue that has further sections or entries. */
  Map<String, String> settings(Path catalogue, String further) {
    Map<String, String> both = new HashMap<>(settings.apply(office));
    settings
        .apply(plant)
        .forEach((key, value) -> both.put(key.replaceFirst("^broker\\.", "brokers.plant."), value));
    try {
      Files.writeString(catalogue, TestBridge.CATALOGUE + further);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
    both.put("catalogue", catalogue.toString());
    return both;
  }

  @Override
  public void close() {
    office.close();
    plant.close();
  }
}
