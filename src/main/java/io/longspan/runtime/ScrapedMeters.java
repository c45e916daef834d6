package io.longspan.runtime;

import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.tracer.common.SpanContext;
import java.util.Optional;
import java.util.Properties;

/** A registry of meters, and the page from which Prometheus scrapes them. Thread-safe. */
abstract class ScrapedMeters implements AutoCloseable {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  /** Prometheus rejects the whole page if any other line than a bucket or a total has one. */
  private static final PrometheusConfig EXEMPLARS_OF_BUCKETS_AND_TOTALS =
      new PrometheusConfig() {
        @Override
        public String get(String key) {
          return null;
        }

        @Override
        public Properties prometheusProperties() {
          Properties properties = new Properties();
          properties.setProperty("io.prometheus.exporter.exemplarsOnAllMetricTypes", "false");
          return properties;
        }
      };

  final PrometheusMeterRegistry registry;
  private final boolean hasExemplars;

  /**
   * Creates an empty registry.
   *
   * @param spans the current traces, which histograms name as examples. Without it, the library
   *     starts no thread
   */
  ScrapedMeters(Optional<SpanContext> spans) {
    registry =
        new PrometheusMeterRegistry(
            EXEMPLARS_OF_BUCKETS_AND_TOTALS,
            new PrometheusRegistry(),
            Clock.SYSTEM,
            spans.orElse(null));
    hasExemplars = spans.isPresent();
  }

  public String scrape() {
    return scrape(TEXT);
  }

  /**
   * Returns the metrics in a format.
   *
   * @param contentType one that {@link #contentType} has returned
   */
  public String scrape(String contentType) {
    return registry.scrape(contentType);
  }

  /**
   * Returns the format for a client. Only OpenMetrics has exemplars, so it is not used without.
   *
   * @param accept the header of the client; null if it has none
   */
  public String contentType(String accept) {
    return hasExemplars && accept != null && accept.contains("application/openmetrics-text")
        ? OPEN_METRICS
        : TEXT;
  }

  @Override
  public void close() {
    registry.close();
  }
}
