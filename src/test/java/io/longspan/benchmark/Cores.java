package io.longspan.benchmark;

import io.longspan.external.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Which core a process runs on: what is measured has one for itself. */
enum Cores {
  /** Of the server, or of the JMS clients of L2. */
  MEASURED("0"),
  /** Of the load, the broker and the echo service. */
  REST("1");

  private final String cores;

  Cores(String cores) {
    this.cores = cores;
  }

  /** Starts a Java program of the tests' class path here. */
  ChildProcess startMain(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>(List.of("-cp", ChildProcess.classPath()));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return start(main.getSimpleName(), Path.of(""), command);
  }

  /** Starts the Java virtual machine here, with the memory that every measured process has. */
  ChildProcess start(String name, Path folder, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("taskset", "-c", cores, ChildProcess.java()));
    command.addAll(List.of("-Xms512m", "-Xmx4g", "-XX:+UseSerialGC"));
    command.addAll(arguments);
    return ChildProcess.start(name, folder, Map.of(), command);
  }

  /** Moves a process that runs here, with all its threads. */
  void take(long pid) {
    try {
      int status =
          new ProcessBuilder("taskset", "-a", "-c", "-p", cores, Long.toString(pid))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
      if (status != 0) {
        throw new IllegalStateException("taskset ended with " + status);
      }
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(x);
    }
  }
}
