package io.longspan.launcher;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One run of {@code java -jar longspan.war}, with a folder for temporary files of its own. */
final class WarProcess implements AutoCloseable {

  private static final Pattern READY = Pattern.compile("(?m)^Longspan is ready: (http\\S+)$");
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  private final Process process;
  private final Path output;
  private final Path errors;
  private final Path temporary;

  private WarProcess(Process process, Path output, Path errors, Path temporary) {
    this.process = process;
    this.output = output;
    this.errors = errors;
    this.temporary = temporary;
  }

  /**
   * Starts the WAR that the system property {@code war.file} names.
   *
   * @param folder a folder for this run alone; it is also the working folder
   */
  static WarProcess start(Path folder, Map<String, String> environment, String... arguments)
      throws IOException {
    Path temporary = Files.createDirectory(folder.resolve("temporary"));
    // A job in the background ignores SIGINT, and so would its children.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Djava.io.tmpdir=" + temporary);
    command.add("-jar");
    command.add(System.getProperty("war.file"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("LONGSPAN_"));
    builder.environment().put("LONGSPAN_SERVER_WARMUP", "0s");
    builder.environment().putAll(environment);
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    Process process =
        builder.redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
    return new WarProcess(process, output, errors, temporary);
  }

  /** Waits for the line that tells the address. */
  String awaitAddress() {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> {
              Matcher ready = READY.matcher(output());
              if (!ready.find()) {
                if (!process.isAlive()) {
                  throw new IllegalStateException("ended: " + output() + errors());
                }
                return null;
              }
              return ready.group(1);
            },
            address -> address != null);
  }

  /** Sends a signal, such as TERM. */
  void signal(String name) throws IOException, InterruptedException {
    String pid = Long.toString(process.pid());
    new ProcessBuilder("kill", "-" + name, pid).inheritIO().start().waitFor();
  }

  /** Waits for the end. */
  int awaitExitStatus() throws InterruptedException {
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("still running");
    }
    return process.exitValue();
  }

  String output() throws IOException {
    return Files.readString(output);
  }

  String errors() throws IOException {
    return Files.readString(errors);
  }

  /** What lies in the folder of temporary files, besides what the virtual machine puts there. */
  List<String> temporaryFiles() throws IOException {
    try (Stream<Path> files = Files.list(temporary)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("hsperfdata"))
          .toList();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
