package io.longspan.server.command;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd that this process is ready, works and stops, if a unit with {@code Type=notify}
 * runs it. Otherwise it does nothing.
 *
 * <p>Java 17 has no datagram sockets of the Unix domain, so each message is sent by the program
 * {@code systemd-notify}; see decision 0078. A failure is logged and nothing else: systemd then
 * acts as the unit says.
 */
final class ServiceManager implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);
  private static final String SOCKET = "NOTIFY_SOCKET";
  private static final String PROGRAM = "systemd-notify";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** A third of the time after which systemd acts, as its manual recommends at least half. */
  private static final int SIGNS_PER_TIMEOUT = 3;

  /** Something that shows whether the process works. */
  @FunctionalInterface
  interface Sign {
    /** Returns whether it works; blocks for the given time at most. */
    boolean isGiven(Duration patience) throws InterruptedException;
  }

  /** Where systemd listens; null if it does not. */
  private final String socket;

  private final Duration period;
  private final Sign sign;
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "longspan-watchdog");
            thread.setDaemon(true);
            return thread;
          });

  private ServiceManager(String socket, Duration period, Sign sign) {
    this.socket = socket;
    this.period = period;
    this.sign = sign;
  }

  /**
   * Reads what systemd has set; sends nothing.
   *
   * @param environment the variables of this process
   * @param sign asked by a thread of its own, some times in {@code WatchdogSec}
   */
  static ServiceManager of(Map<String, String> environment, Sign sign) {
    return new ServiceManager(
        environment.get(SOCKET), period(environment.getOrDefault("WATCHDOG_USEC", "")), sign);
  }

  /** Returns zero without a watchdog. */
  private static Duration period(String micros) {
    return micros.matches("[0-9]{1,15}")
        ? Duration.ofNanos(Long.parseLong(micros) * 1000).dividedBy(SIGNS_PER_TIMEOUT)
        : Duration.ZERO;
  }

  /**
   * Says that the start has ended, and starts to answer the watchdog. Blocks until systemd knows.
   *
   * @param status a line for {@code systemctl status}
   */
  void ready(String status) {
    if (socket == null) {
      return;
    }
    send("--ready", "--status=" + status);
    if (!period.isZero()) {
      watchdog.scheduleWithFixedDelay(
          this::answerWatchdog, 0, period.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void answerWatchdog() {
    try {
      if (sign.isGiven(period)) {
        send("WATCHDOG=1");
      } else {
        LOG.warn("no HTTP thread is free: the watchdog of systemd is not answered");
      }
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  /** Says that the process is about to end. */
  void stopping() {
    if (socket != null) {
      send("STOPPING=1", "--status=Draining");
    }
  }

  private void send(String... message) {
    List<String> command = new ArrayList<>(List.of(PROGRAM));
    command.addAll(List.of(message));
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(Redirect.DISCARD);
      builder.environment().put(SOCKET, socket);
      Process process = builder.start();
      if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        LOG.warn("{} does not end", PROGRAM);
      } else if (process.exitValue() != 0) {
        LOG.warn("{} failed with status {}", PROGRAM, process.exitValue());
      }
    } catch (IOException missing) {
      LOG.warn("systemd is not notified: {}", missing.getMessage());
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    watchdog.shutdownNow();
  }
}
