package io.longspan.benchmark;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes a run as JSON: machine, versions, plan, each figure of each round, and the bridge's
 * ratios. It is written after each figure, so a run that ends early leaves all that it has
 * measured. Used by one thread.
 */
final class RunReport {
  /** How far a run is. */
  enum State {
    /** Also the state of a run that was killed. */
    RUNNING,
    COMPLETE,
    FAILED
  }

  static final String FILE = "result.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Path folder;
  private final Plan plan;
  private final String started = Instant.now().toString();
  private final Map<String, Object> machine = Machine.description();
  private final Map<String, String> versions = Machine.versions();
  private State state = State.RUNNING;
  private String failure;

  RunReport(Path folder, Plan plan) {
    this.folder = folder;
    this.plan = plan;
  }

  /** Notes that the run has ended, and writes. */
  void complete(Results results) {
    state = State.COMPLETE;
    write(results);
  }

  /** Notes why the run has ended early, and writes. */
  void failed(Throwable reason, Results results) {
    state = State.FAILED;
    failure = reason.toString();
    write(results);
  }

  /** Writes the report. A reader never sees half of it. */
  void write(Results results) {
    try {
      Files.createDirectories(folder);
      Path next = folder.resolve(FILE + ".new");
      Files.write(next, JSON.writeValueAsBytes(report(results)));
      Files.move(
          next,
          folder.resolve(FILE),
          StandardCopyOption.REPLACE_EXISTING,
          StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  private Map<String, Object> report(Results results) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("state", state.name().toLowerCase(Locale.ROOT));
    if (failure != null) {
      report.put("failure", failure);
    }
    report.put("started", started);
    report.put("written", Instant.now().toString());
    report.put("machine", machine);
    report.put("loadAveragesWhenWritten", Machine.loadAverages());
    report.put("versions", versions);
    report.put("plan", plan.toMap());
    List<Map<String, Object>> figures = new ArrayList<>();
    results
        .figures()
        .forEach(
            (what, byServer) ->
                byServer.forEach((server, values) -> figures.add(figure(what, server, values))));
    report.put("figures", figures);
    List<Map<String, Object>> ratios = new ArrayList<>();
    results
        .figures()
        .forEach(
            (what, byServer) ->
                byServer
                    .keySet()
                    .forEach(
                        other ->
                            Rounds.ratios(byServer, other)
                                .filter(r -> !other.equals(Results.BRIDGE))
                                .ifPresent(r -> ratios.add(figure(what, other, r.values())))));
    report.put("ratiosOfBridge", ratios);
    return report;
  }

  private static Map<String, Object> figure(String what, String server, List<Double> values) {
    Rounds rounds = new Rounds(values);
    Map<String, Object> figure = new LinkedHashMap<>();
    figure.put("figure", what);
    figure.put("server", server);
    figure.put("median", rounds.median());
    figure.put("least", rounds.least());
    figure.put("most", rounds.most());
    figure.put("rounds", List.copyOf(values));
    return figure;
  }
}
