package io.longspan.external;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A process that a test started, with its log in {@code target/logs}; closing it ends it. */
public final class ChildProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final int TAIL = 60;

  /** A run that is broken off leaves nothing behind. */
  private static final Set<ChildProcess> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> RUNNING.forEach(ChildProcess::kill), "end of processes"));
  }

  private final String name;
  private final Process process;
  private final Path log;

  private ChildProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
    RUNNING.add(this);
    process.onExit().thenRun(() -> RUNNING.remove(this));
  }

  /** Returns the program that runs Java classes, of the same JDK as the tests. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** Returns the tests' class path, for programs that they start. */
  public static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /** Returns the options by which a bridge's process takes part in the coverage report. */
  public static List<String> coverage() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("-javaagent:") && argument.contains("jacoco"))
        .toList();
  }

  /**
   * Starts a process.
   *
   * @param name the log's name
   * @param folder the working folder
   * @param environment variables beside the inherited ones; no {@code LONGSPAN_…} is inherited
   */
  public static ChildProcess start(
      String name, Path folder, Map<String, String> environment, List<String> command) {
    try {
      Path logs = Files.createDirectories(Path.of("target", "logs").toAbsolutePath());
      Path log = Files.createTempFile(logs, name + "-", ".log");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toAbsolutePath().toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().keySet().removeIf(variable -> variable.startsWith("LONGSPAN_"));
      builder.environment().remove("JAVA_TOOL_OPTIONS");
      builder.environment().putAll(environment);
      return new ChildProcess(name, builder.start(), log);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Waits until the log matches, and returns the match; where it never does, ends the process. */
  public Matcher await(String regex) {
    Pattern pattern = Pattern.compile(regex, Pattern.MULTILINE);
    try {
      return Awaitility.await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(50))
          .failFast(name + " ended", () -> !process.isAlive())
          .until(() -> pattern.matcher(log()), Matcher::find);
    } catch (RuntimeException x) {
      kill();
      throw new AssertionError(name + " did not say " + regex + "; it said:\n" + tail(), x);
    }
  }

  /** Returns all that the process has written. */
  public String log() {
    try {
      return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Returns the last lines that the process has written. */
  public String tail() {
    List<String> lines = log().lines().toList();
    return log
        + ":\n"
        + String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL), lines.size()));
  }

  /** Returns its number in the operating system. */
  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for an end with status 0. */
  public void awaitSuccess() {
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new AssertionError(name + " failed; it said:\n" + tail());
      }
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(x);
    }
  }

  /** Sends SIGTERM and returns the exit status; fails where the process does not end. */
  public int stop() {
    List<ProcessHandle> family = family();
    process.destroy();
    try {
      if (process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        return process.exitValue();
      }
      throw new AssertionError(name + " did not stop; it said:\n" + tail());
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(x);
    } finally {
      end(family);
    }
  }

  /** Ends the process without a warning. */
  public void kill() {
    end(family());
  }

  /**
   * Sends a signal to the process and its children, and waits until it was sent.
   *
   * @param signal its name, such as {@code STOP}
   */
  public void signal(String signal) {
    List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
    family().forEach(member -> command.add(Long.toString(member.pid())));
    try {
      int status = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (status != 0) {
        throw new AssertionError(name + " did not get the signal " + signal);
      }
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(x);
    }
  }

  private List<ProcessHandle> family() {
    List<ProcessHandle> family = new ArrayList<>();
    family.add(process.toHandle());
    try (Stream<ProcessHandle> descendants = process.descendants()) {
      descendants.forEach(family::add);
    }
    return family;
  }

  private static void end(List<ProcessHandle> family) {
    family.forEach(ProcessHandle::destroyForcibly);
    family.forEach(member -> member.onExit().join());
  }

  /** Ends the process: in good order where that works. */
  @Override
  public void close() {
    if (process.isAlive()) {
      stop();
    }
  }
}
