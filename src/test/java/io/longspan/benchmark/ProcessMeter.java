package io.longspan.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the operating system and the JVM say of a process. Linux only. */
final class ProcessMeter {
  private static final long NANOS_PER_TICK = 10_000_000;
  private static final Pattern USED =
      Pattern.compile("(?:generation|heap|PSYoungGen|ParOldGen)\\s+total \\d+K, used (\\d+)K");
  private static final Pattern RSS = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private final long pid;

  ProcessMeter(long pid) {
    this.pid = pid;
  }

  static ProcessMeter own() {
    return new ProcessMeter(ProcessHandle.current().pid());
  }

  /** Returns the CPU time that all its threads have used, in nanoseconds; exact to 10 ms. */
  long cpuNanos() {
    String stat = read("stat");
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    // proc(5): utime is the 14th field, stime the 15th; the state, the 3rd, is the first here.
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NANOS_PER_TICK;
  }

  /** Returns for how long it has run. */
  Duration age() {
    Instant start = ProcessHandle.of(pid).flatMap(p -> p.info().startInstant()).orElseThrow();
    return Duration.between(start, Instant.now());
  }

  /** Returns its resident memory, in bytes. */
  long residentBytes() {
    Matcher rss = RSS.matcher(read("status"));
    if (!rss.find()) {
      throw new IllegalStateException("no VmRSS of " + pid);
    }
    return Long.parseLong(rss.group(1)) * 1024;
  }

  int threads() {
    Matcher threads = Pattern.compile("Threads:\\s+(\\d+)").matcher(read("status"));
    return threads.find() ? Integer.parseInt(threads.group(1)) : 0;
  }

  /** Collects garbage; returns the bytes of heap that are still in use. Blocks for seconds. */
  long heapAfterCollection() {
    command("GC.run");
    command("GC.run");
    Matcher used = USED.matcher(command("GC.heap_info"));
    long kibibytes = 0;
    while (used.find()) {
      kibibytes += Long.parseLong(used.group(1));
    }
    return kibibytes * 1024;
  }

  private String command(String name) {
    try {
      String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
      Process process =
          new ProcessBuilder(List.of(jcmd, Long.toString(pid), name))
              .redirectErrorStream(true)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(output);
      }
      return output;
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(x);
    }
  }

  private String read(String name) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), name));
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }
}
