package io.longspan.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * The result of a load run.
 *
 * @param clients how many clients should have connected
 * @param connecting how long that took, in seconds
 * @param seconds how long the load lasted
 * @param figures what the clients have seen
 */
public record LoadReport(int clients, double connecting, double seconds, LoadFigures figures) {
  private static final int BAR = 40;
  private static final double MILLI = 1000;

  /** The upper ends of the bars of the plot, in milliseconds; the last bar has none. */
  private static final double[] BARS = {
    0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, Double.POSITIVE_INFINITY
  };

  /** Returns what has happened so far, in a line. */
  static String progress(LoadFigures figures) {
    Histogram requests = figures.requests();
    return String.format(
        Locale.ROOT,
        "clients %d, answered %d (p99 %.1f ms), failed %d, delivered %d, lost %d",
        figures.connected.sum(),
        figures.answered.sum(),
        requests.getValueAtPercentile(99) / MILLI,
        LoadFigures.sum(figures.failed()),
        figures.delivered.sum(),
        LoadFigures.sum(figures.lost()));
  }

  /** Returns the result for people, in lines. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        format(
            "clients     %d of %d connected in %.1f s",
            figures.connected.sum(), clients, connecting));
    reasons(lines, "  lost      ", figures.lost());
    part(lines, "requests", "answered", figures.answered.sum(), figures.requests());
    reasons(lines, "  failed    ", figures.failed());
    if (figures.published.sum() > 0) {
      lines.add(format("published   %d messages", figures.published.sum()));
      part(lines, "topic", "delivered", figures.delivered.sum(), figures.deliveries());
    }
    return lines;
  }

  private void part(
      List<String> lines, String title, String what, long count, Histogram latencies) {
    if (count == 0) {
      return;
    }
    lines.add(
        format("%-11s %d %s in %.1f s, %.0f/s", title, count, what, seconds, count / seconds));
    StringBuilder row = new StringBuilder("            ");
    percentiles(latencies).forEach((name, value) -> row.append(format("%s %.1f  ", name, value)));
    lines.add(row + "ms");
    lines.addAll(plot(latencies));
  }

  private static void reasons(List<String> lines, String title, Map<String, Long> counts) {
    counts.forEach((why, count) -> lines.add(format("%s%d: %s", title, count, why)));
  }

  private static Map<String, Double> percentiles(Histogram latencies) {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("p50", latencies.getValueAtPercentile(50) / MILLI);
    values.put("p90", latencies.getValueAtPercentile(90) / MILLI);
    values.put("p99", latencies.getValueAtPercentile(99) / MILLI);
    values.put("p99.9", latencies.getValueAtPercentile(99.9) / MILLI);
    values.put("max", latencies.getMaxValue() / MILLI);
    return values;
  }

  private static List<String> plot(Histogram latencies) {
    List<String> rows = new ArrayList<>();
    double from = 0;
    for (double to : BARS) {
      long count =
          latencies.getCountBetweenValues(
              (long) (from * MILLI),
              to == Double.POSITIVE_INFINITY ? Long.MAX_VALUE / 2 : (long) (to * MILLI) - 1);
      if (count > 0) {
        String bound =
            to == Double.POSITIVE_INFINITY
                ? format("≥ %.0f ms", from)
                : format("< %s ms", number(to));
        int length =
            (int) Math.max(1, Math.round((double) BAR * count / latencies.getTotalCount()));
        rows.add(format("  %10s  %-40s %d", bound, "#".repeat(length), count));
      }
      from = to;
    }
    return rows;
  }

  private static String number(double value) {
    return value < 1 ? format("%.1f", value) : format("%.0f", value);
  }

  /** Returns the result for a script: one JSON object. */
  public String json() {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("seconds", seconds);
    ObjectNode connected = json.putObject("clients");
    connected.put("wanted", clients);
    connected.put("connected", figures.connected.sum());
    connected.put("connectSeconds", connecting);
    connected.set("lost", counts(figures.lost()));
    ObjectNode requests = json.putObject("requests");
    requests.put("answered", figures.answered.sum());
    requests.put("perSecond", seconds == 0 ? 0 : figures.answered.sum() / seconds);
    requests.set("failed", counts(figures.failed()));
    requests.set("millis", millis(figures.requests()));
    ObjectNode topic = json.putObject("topic");
    topic.put("published", figures.published.sum());
    topic.put("delivered", figures.delivered.sum());
    topic.set("millis", millis(figures.deliveries()));
    return json.toString();
  }

  private static ObjectNode counts(Map<String, Long> counts) {
    ObjectNode json = new ObjectMapper().createObjectNode();
    counts.forEach(json::put);
    return json;
  }

  private static ObjectNode millis(Histogram latencies) {
    ObjectNode json = new ObjectMapper().createObjectNode();
    percentiles(latencies).forEach(json::put);
    return json;
  }

  private static String format(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}
