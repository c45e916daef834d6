package io.longspan.external;

import jakarta.jms.ConnectionFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** An Artemis primary and its backup, which replicate or share a store; it fails back. */
public final class ArtemisPair implements BrokerPair {
  /** The backup could take over now. */
  private static final String IN_RESERVE_REPLICATED = "AMQ221024";

  private static final String IN_RESERVE_SHARED = "AMQ221109";

  private static final Duration PATIENCE_WITH_RETURN = Duration.ofSeconds(30);

  private final String inReserve;
  private final ArtemisInstance primary;
  private final ArtemisInstance backup;

  /** How often the backup was in reserve and was active in its process. */
  private int reserved;

  private int activated;
  private volatile boolean primaryServes = true;

  private ArtemisPair(String inReserve, List<String> primaryOptions, List<String> backupOptions) {
    this.inReserve = inReserve;
    int first = FreePort.find();
    int second = FreePort.find();
    primary = new ArtemisInstance(first, second, primaryOptions, ArtemisPair::withFailBack);
    backup = new ArtemisInstance(second, first, backupOptions, ArtemisPair::withFailBack);
    restart();
  }

  /** Starts a pair in which the primary copies what it stores to the backup. */
  public static ArtemisPair replicated() {
    return new ArtemisPair(
        IN_RESERVE_REPLICATED, List.of("--replicated"), List.of("--replicated", "--backup"));
  }

  /** Starts a pair that keeps its journal in one folder. */
  public static ArtemisPair sharedStore() {
    try {
      Path parent = Files.createDirectories(Path.of("target", "brokers").toAbsolutePath());
      String data = Files.createTempDirectory(parent, "artemis-data-").toString();
      List<String> shared = List.of("--shared-store", "--failover-on-shutdown", "--data", data);
      return new ArtemisPair(
          IN_RESERVE_SHARED,
          shared,
          List.of("--shared-store", "--failover-on-shutdown", "--data", data, "--backup"));
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** What {@code artemis create} does not write, as {@code docs/operations.md} recommends it. */
  private static String withFailBack(String brokerXml) {
    String primaryKeys = "<check-for-active-server>true</check-for-active-server>";
    String backupKeys = "<allow-failback>true</allow-failback>";
    return brokerXml.contains("<replication>")
        ? brokerXml
            .replace("<primary>", "<primary>" + primaryKeys)
            .replace("<backup>", "<backup>" + backupKeys)
            .replace("<backup/>", "<backup>" + backupKeys + "</backup>")
        : brokerXml.replace("<backup>", "<backup>" + backupKeys);
  }

  @Override
  public void restart() {
    primary.start();
    primary.await(ArtemisInstance.ACTIVE, 1);
    primaryServes = true;
    startBackup();
  }

  @Override
  public void kill() {
    primary.kill();
    backup.kill();
  }

  @Override
  public void killServing() {
    end(primary::kill);
  }

  @Override
  public void stopServing() {
    end(primary::stop);
  }

  private void end(Runnable end) {
    if (!primaryServes) {
      throw new IllegalStateException("the pair was not repaired");
    }
    primaryServes = false;
    end.run();
  }

  @Override
  public void awaitTakeover() {
    backup.await(ArtemisInstance.ACTIVE, activated + 1);
    activated++;
  }

  @Override
  public void repair() {
    primary.start();
    primary.await(ArtemisInstance.ACTIVE, 1);
    primaryServes = true;
    reserved++;
    if (!hasBackupReturned()) {
      backup.kill();
      startBackup();
    }
  }

  /**
   * Returns whether the backup is in reserve again after a fail-back. The backup of Artemis 2.56.0
   * sometimes ends its service then, or never starts it again, while its process lives. An
   * administrator restarts it.
   */
  private boolean hasBackupReturned() {
    try {
      Awaitility.await()
          .atMost(PATIENCE_WITH_RETURN)
          .until(() -> backup.count(inReserve) >= reserved);
      return true;
    } catch (ConditionTimeoutException x) {
      return false;
    }
  }

  private void startBackup() {
    backup.start();
    reserved = 1;
    activated = 0;
    backup.await(inReserve, reserved);
  }

  @Override
  public boolean failsBack() {
    return true;
  }

  @Override
  public int serving() {
    return primaryServes ? 1 : 2;
  }

  @Override
  public Set<String> temporaryTopics() {
    return TemporaryTopics.ofArtemis(this);
  }

  @Override
  public void refuseConsumers(String topic) {
    administrator().permitConsumers(topic, "amq");
  }

  @Override
  public void allowConsumers(String topic) {
    administrator().permitConsumers(topic, "amq,bridges");
  }

  private ArtemisAdministrator administrator() {
    return new ArtemisAdministrator(connectionFactory());
  }

  @Override
  public Map<String, String> settings() {
    return settings("artemis", "tcp");
  }

  @Override
  public Map<String, String> amqpSettings() {
    return settings("amqp", "amqp");
  }

  private Map<String, String> settings(String provider, String scheme) {
    return ActiveMqPair.settings(provider, primary.url(scheme) + "," + backup.url(scheme));
  }

  @Override
  public ConnectionFactory connectionFactory() {
    return new FirstReachable(List.of(primary.connectionFactory(), backup.connectionFactory()));
  }

  @Override
  public void close() {
    primary.close();
    backup.close();
  }
}
