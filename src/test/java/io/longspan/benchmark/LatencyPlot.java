package io.longspan.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Latency over load, until it bends. */
final class LatencyPlot {
  private final Map<String, Map<Double, Double>> lines = new TreeMap<>();

  /**
   * Adds a point of a server's line.
   *
   * @param rate deliveries per second
   * @param p50 the median latency, in milliseconds
   * @param p99 its 99th percentile, in milliseconds
   */
  void add(String server, double rate, double p50, double p99) {
    point(server + ", p50", rate, p50);
    point(server + ", p99", rate, p99);
  }

  /** Of several rounds, the least disturbed one counts. */
  private void point(String line, double rate, double millis) {
    lines
        .computeIfAbsent(line, any -> new TreeMap<>())
        .merge(rate / 1000, Math.max(0.1, millis), Math::min);
  }

  /** Writes it as {@code latency.svg}, where there is something to draw. */
  void write(Path folder) {
    if (lines.isEmpty()) {
      return;
    }
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(520)
            .title("Fan-out to 500 clients: latency over load")
            .xAxisTitle("deliveries per second, thousands")
            .yAxisTitle("latency, ms")
            .build();
    chart.getStyler().setYAxisLogarithmic(true).setLegendPosition(LegendPosition.OutsideE);
    lines.forEach(
        (name, points) ->
            chart.addSeries(
                name,
                points.keySet().stream().mapToDouble(Double::doubleValue).toArray(),
                points.values().stream().mapToDouble(Double::doubleValue).toArray()));
    try {
      VectorGraphicsEncoder.saveVectorGraphic(
          chart, folder.resolve("latency").toString(), VectorGraphicsFormat.SVG);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }
}
