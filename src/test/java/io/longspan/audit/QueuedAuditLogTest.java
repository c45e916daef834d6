package io.longspan.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QueuedAuditLogTest {
  @TempDir Path folder;

  /** A sink that can be held, and that can refuse. */
  private static final class HeldSink implements AuditSink {
    final CountDownLatch entered = new CountDownLatch(1);
    final CountDownLatch held = new CountDownLatch(1);
    final List<String> lines = new CopyOnWriteArrayList<>();
    volatile boolean refuses;
    volatile boolean closed;

    @Override
    public void write(List<String> given) throws IOException {
      entered.countDown();
      try {
        held.await();
      } catch (InterruptedException x) {
        throw new IOException(x);
      }
      if (refuses) {
        throw new IOException("no space left");
      }
      lines.addAll(given);
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  @Test
  void anEventIsOneLineOfJsonWhateverAUserIsCalled() throws Exception {
    Path file = folder.resolve("audit.log");
    String user = "eve\",\"event\":\"signedIn\"}\n{\u2028\u202e Zoë";
    try (QueuedAuditLog log = new QueuedAuditLog("bridge-1", new AuditFile(file))) {
      log.record(AuditEvent.signInRefused(user, "10.0.0.1", "password"));
    }

    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(1);
    assertThat(lines.get(0)).matches("\\p{ASCII}+");
    JsonNode event = new ObjectMapper().readTree(lines.get(0));
    assertThat(event.path("event").asText()).isEqualTo("signInRefused");
    assertThat(event.path("user").asText()).isEqualTo(user);
    assertThat(event.path("bridge").asText()).isEqualTo("bridge-1");
    assertThat(event.path("address").asText()).isEqualTo("10.0.0.1");
    assertThat(event.path("time").asText()).endsWith("Z");
  }

  @Test
  void aLongTextIsCut() {
    assertThat(AuditEvent.signedIn("x".repeat(10_000), "a").fields().get("user"))
        .hasSize(AuditEvent.MAX_TEXT);
  }

  @Test
  void whatDoesNotFitIsLostAndCountedAndNobodyWaits() throws Exception {
    HeldSink sink = new HeldSink();
    QueuedAuditLog log = new QueuedAuditLog("bridge-1", sink, 3);
    log.record(AuditEvent.signedIn("first", "a"));
    sink.entered.await();
    for (int i = 0; i < 5; i++) {
      log.record(AuditEvent.signedIn("user" + i, "a"));
    }

    assertThat(log.lost()).isEqualTo(2);
    sink.held.countDown();
    log.close();
    assertThat(sink.lines).hasSize(4);
    assertThat(log.written()).isEqualTo(4);
    assertThat(sink.closed).isTrue();
  }

  @Test
  void whatTheSinkRefusesIsCountedAndTheNextEventIsWritten() {
    HeldSink sink = new HeldSink();
    sink.held.countDown();
    sink.refuses = true;
    try (QueuedAuditLog log = new QueuedAuditLog("bridge-1", sink)) {
      log.record(AuditEvent.signedIn("alice", "a"));
      await().until(() -> log.lost() == 1);
      sink.refuses = false;
      log.record(AuditEvent.signedOut("alice", "a"));
      await().until(() -> log.written() == 1);
    }
    assertThat(sink.lines).hasSize(1).allMatch(line -> line.contains("signedOut"));
  }

  @Test
  void aFileThatWasRotatedIsBegunAgain() throws Exception {
    Path file = folder.resolve("audit.log");
    Path old = folder.resolve("audit.log.1");
    try (QueuedAuditLog log = new QueuedAuditLog("bridge-1", new AuditFile(file))) {
      log.record(AuditEvent.signedIn("alice", "a"));
      await().until(() -> log.written() == 1);
      Files.move(file, old);
      log.record(AuditEvent.signedIn("bob", "a"));
      await().until(() -> log.written() == 2);
    }
    assertThat(Files.readAllLines(old)).hasSize(1).allMatch(line -> line.contains("alice"));
    assertThat(Files.readAllLines(file)).hasSize(1).allMatch(line -> line.contains("bob"));
  }

  @Test
  void theFileGrowsAndOnlyItsOwnerReadsIt() throws Exception {
    Path file = folder.resolve("audit.log");
    for (String user : List.of("alice", "bob")) {
      try (QueuedAuditLog log = new QueuedAuditLog("bridge-1", new AuditFile(file))) {
        log.record(AuditEvent.signedIn(user, "a"));
      }
    }
    assertThat(Files.readAllLines(file)).hasSize(2);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }
}
