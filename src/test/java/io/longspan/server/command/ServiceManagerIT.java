package io.longspan.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.ChildProcess;
import io.longspan.external.ExecutableWar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The unit in {@code deploy/systemd}, and what a bridge tells systemd, which a socket stands for.
 */
@Timeout(120)
final class ServiceManagerIT {
  private static final Path UNIT = Path.of("deploy", "systemd", "longspan.service");

  /** 0.3 seconds. */
  private static final String WATCHDOG_MICROS = "300000";

  /** In tenths; systemd calls up to 4.0 well protected. */
  private static final int MAX_EXPOSURE = 16;

  private static final String LISTENER =
      """
      import socket, sys
      listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      listener.bind(sys.argv[1])
      print("listening", flush=True)
      while True:
          print(listener.recv(4096).decode(), flush=True)
      """;

  private ChildProcess listener;
  private Map<String, String> environment;

  @BeforeEach
  void listen() throws IOException {
    // The name of a socket has 108 characters at most.
    Path socket = Files.createTempDirectory("longspan-notify").resolve("socket");
    listener =
        ChildProcess.start(
            "systemd",
            Path.of(""),
            Map.of(),
            List.of("/usr/bin/python3", "-c", LISTENER, socket.toString()));
    listener.await("^listening$");
    environment = Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", WATCHDOG_MICROS);
  }

  @AfterEach
  void end() {
    listener.kill();
  }

  @Test
  void aBridgeSaysThatItIsReadyThatItWorksAndThatItStops() {
    Map<String, String> settings = Map.of("broker.provider", "embedded");
    try (ExecutableWar bridge = new ExecutableWar("bridge-1", settings, List.of(), environment)) {
      listener.await("^READY=1$");
      listener.await("^STATUS=Ready: " + bridge.base() + "$");
      listener.await("(?s)WATCHDOG=1.*WATCHDOG=1.*WATCHDOG=1");
    }
    listener.await("^STOPPING=1$");
  }

  @Test
  void theWatchdogIsNotAnsweredWhileTheBridgeDoesNotWork() {
    AtomicBoolean works = new AtomicBoolean();
    AtomicInteger asked = new AtomicInteger();
    ServiceManager.Sign sign =
        patience -> {
          asked.incrementAndGet();
          return works.get();
        };
    try (ServiceManager manager = ServiceManager.of(environment, sign)) {
      manager.ready("Ready");
      Awaitility.await().until(() -> asked.get() >= 3);
      assertThat(listener.log()).contains("READY=1").doesNotContain("WATCHDOG=1");
      works.set(true);
      listener.await("^WATCHDOG=1$");
    }
  }

  @Test
  void withoutSystemdNothingIsSent() {
    try (ServiceManager manager =
        ServiceManager.of(Map.of("WATCHDOG_USEC", WATCHDOG_MICROS), patience -> true)) {
      manager.ready("Ready");
      manager.stopping();
    }
    assertThat(listener.log()).isEqualTo("listening\n");
  }

  @Test
  void theUnitIsValidAndHardened() {
    analyze("verify", UNIT.toString());
    analyze("security", "--offline=yes", "--threshold=" + MAX_EXPOSURE, UNIT.toString());
  }

  private static void analyze(String... arguments) {
    List<String> command = new java.util.ArrayList<>(List.of("/usr/bin/systemd-analyze"));
    command.addAll(List.of(arguments));
    ChildProcess.start("systemd-analyze", Path.of(""), Map.of(), command).awaitSuccess();
  }
}
