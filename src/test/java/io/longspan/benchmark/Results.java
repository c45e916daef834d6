package io.longspan.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The figures of a run: of each there is one per round, and the table shows median and range. */
final class Results {
  private final Map<String, Map<String, List<Double>>> figures = new LinkedHashMap<>();
  private final Set<String> servers = new LinkedHashSet<>();

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
  }

  /** Returns a figure of each round; empty where there is none. */
  List<Double> of(String what, String server) {
    return figures.getOrDefault(what, Map.of()).getOrDefault(server, List.of());
  }

  /** Writes the table and the figures themselves. */
  void write(Path folder) {
    StringBuilder raw = new StringBuilder("what,server,rounds\n");
    figures.forEach(
        (what, byServer) ->
            byServer.forEach(
                (server, values) ->
                    raw.append(what.replace(',', ';'))
                        .append(',')
                        .append(server)
                        .append(',')
                        .append(values.stream().map(Results::text).collect(Collectors.joining(" ")))
                        .append('\n')));
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("figures.csv"), raw.toString());
      Files.writeString(folder.resolve("table.md"), table());
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Returns the table, in Markdown: median and range of the rounds, and the ratios of medians. */
  String table() {
    List<String> others = servers.stream().filter(server -> !server.equals("bridge")).toList();
    StringBuilder table = new StringBuilder("| figure | bridge |");
    others.forEach(
        other -> table.append(' ').append(other).append(" | bridge / ").append(other).append(" |"));
    table.append("\n|---|---|").append("---|---|".repeat(others.size())).append('\n');
    figures.forEach(
        (what, byServer) -> {
          table
              .append("| ")
              .append(what)
              .append(" | ")
              .append(range(byServer.get("bridge")))
              .append(" |");
          for (String other : others) {
            table.append(' ').append(range(byServer.get(other))).append(" | ");
            table.append(ratio(byServer.get("bridge"), byServer.get(other))).append(" |");
          }
          table.append('\n');
        });
    return table.toString();
  }

  private static String range(List<Double> values) {
    if (values == null) {
      return "";
    }
    List<Double> sorted = values.stream().sorted().toList();
    String middle = text(median(sorted));
    return sorted.size() == 1
        ? middle
        : middle + " (" + text(sorted.get(0)) + " to " + text(sorted.get(sorted.size() - 1)) + ")";
  }

  private static String ratio(List<Double> bridge, List<Double> other) {
    if (bridge == null || other == null) {
      return "";
    }
    double divisor = median(other.stream().sorted().toList());
    return divisor == 0
        ? ""
        : String.format(Locale.ROOT, "%.2f", median(bridge.stream().sorted().toList()) / divisor);
  }

  private static double median(List<Double> sorted) {
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  private static String text(double value) {
    return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : "%.2f", value);
  }
}
