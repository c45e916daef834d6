package io.longspan.chaos;

import io.longspan.external.ExecutableWar;
import io.longspan.external.ExternalBroker;
import io.longspan.external.FreePort;
import io.longspan.external.LinkProxy;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One bridge that is killed and started again behind the same doors, and its link to the broker.
 * Its methods that end and start it block, and are called by one thread at a time.
 */
final class BridgeUnderChaos implements AutoCloseable {
  private static final int DOORS = 3;

  private final String id;
  private final int port = FreePort.find();
  private final LinkProxy brokerLink;
  private final List<LinkProxy> doors = new ArrayList<>();
  private final Map<String, String> settings;
  private ExecutableWar process;

  /** Starts a bridge and waits until it is ready. */
  BridgeUnderChaos(String id, ExternalBroker broker, Map<String, String> settings) {
    this.id = id;
    this.brokerLink = new LinkProxy("127.0.0.1", broker.port());
    for (int i = 0; i < DOORS; i++) {
      doors.add(new LinkProxy("127.0.0.1", port));
    }
    this.settings = new HashMap<>(broker.settings());
    this.settings.put("broker.url", "tcp://127.0.0.1:" + brokerLink.port());
    this.settings.put("http.port", String.valueOf(port));
    this.settings.putAll(settings);
    start();
  }

  String id() {
    return id;
  }

  LinkProxy brokerLink() {
    return brokerLink;
  }

  LinkProxy door(int number) {
    return doors.get(number % DOORS);
  }

  /** Returns the way of a client to this bridge. */
  Doorway doorway(int number) {
    return new Doorway(id, URI.create("http://127.0.0.1:" + door(number).port() + "/cometd"));
  }

  void start() {
    process = new ExecutableWar(id, settings);
  }

  /** Ends it without a warning. */
  void kill() {
    process.kill();
  }

  /** Ends it with SIGTERM. */
  void stop() {
    process.close();
  }

  void heal() {
    brokerLink.heal();
    doors.forEach(LinkProxy::heal);
  }

  @Override
  public void close() {
    if (process != null) {
      process.kill();
    }
    brokerLink.close();
    doors.forEach(LinkProxy::close);
  }
}
