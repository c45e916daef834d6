package io.longspan.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The figures of a run, one of each per round. The table has the ratios first, with their range:
 * the absolute figures depend on the machine. Used by one thread.
 */
final class Results {
  /** The server whose ratios to the others are shown. */
  static final String BRIDGE = "bridge";

  private final Map<String, Map<String, List<Double>>> figures = new LinkedHashMap<>();
  private final Set<String> servers = new LinkedHashSet<>();
  private final Consumer<Results> whenAdded;

  /** Creates results without figures. */
  Results() {
    this(results -> {});
  }

  /**
   * Creates results without figures.
   *
   * @param whenAdded called after each figure, so that a run that is killed leaves what it has
   */
  Results(Consumer<Results> whenAdded) {
    this.whenAdded = whenAdded;
  }

  /**
   * Adds a figure of one round.
   *
   * @param what the workload, what was measured, and the unit
   * @param server whose figure it is
   */
  void add(String what, String server, double value) {
    servers.add(server);
    figures
        .computeIfAbsent(what, any -> new LinkedHashMap<>())
        .computeIfAbsent(server, any -> new ArrayList<>())
        .add(value);
    System.out.printf(Locale.ROOT, "%-60s %-8s %s%n", what, server, text(value));
    whenAdded.accept(this);
  }

  /** Returns all figures: by what was measured, by server, one of each round. */
  Map<String, Map<String, List<Double>>> figures() {
    return Collections.unmodifiableMap(figures);
  }

  /** Returns a figure of each round; empty where there is none. */
  List<Double> of(String what, String server) {
    return figures.getOrDefault(what, Map.of()).getOrDefault(server, List.of());
  }

  /** Writes the table. */
  void write(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("table.md"), table());
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Returns the table, in Markdown: the bridge's ratio to each other, then what was measured. */
  String table() {
    List<String> others = servers.stream().filter(server -> !server.equals(BRIDGE)).toList();
    StringBuilder table = new StringBuilder("| figure |");
    others.forEach(other -> table.append(" bridge / ").append(other).append(" |"));
    table.append(" bridge |");
    others.forEach(other -> table.append(' ').append(other).append(" |"));
    table.append("\n|---|---|").append("---|---|".repeat(others.size())).append('\n');
    figures.forEach(
        (what, byServer) -> {
          table.append("| ").append(what).append(" |");
          for (String other : others) {
            table.append(' ').append(range(Rounds.ratios(byServer, other))).append(" |");
          }
          table.append(' ').append(range(Rounds.of(byServer.get(BRIDGE)))).append(" |");
          for (String other : others) {
            table.append(' ').append(range(Rounds.of(byServer.get(other)))).append(" |");
          }
          table.append('\n');
        });
    return table.toString();
  }

  private static String range(Optional<Rounds> rounds) {
    return rounds
        .map(
            r ->
                r.values().size() == 1
                    ? text(r.median())
                    : "%s (%s to %s)".formatted(text(r.median()), text(r.least()), text(r.most())))
        .orElse("");
  }

  private static String text(double value) {
    return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : "%.2f", value);
  }
}
