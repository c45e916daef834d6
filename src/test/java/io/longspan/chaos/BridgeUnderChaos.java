package io.longspan.chaos;

import io.longspan.external.ExecutableWar;
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
  private final BrokerWay brokerLink;
  private final List<LinkProxy> doors = new ArrayList<>();
  private final Map<String, String> settings;
  private final WallClock clock;
  private ExecutableWar process;

  /**
   * Prepares a bridge, which {@link #start} starts.
   *
   * @param settings the keys of its configuration beside its id and its port
   */
  BridgeUnderChaos(String id, Map<String, String> settings, WallClock clock) {
    this.id = id;
    this.clock = clock;
    String key = settings.containsKey("broker.urls") ? "broker.urls" : "broker.url";
    this.brokerLink = new BrokerWay(List.of(settings.get(key).split(",")));
    for (int i = 0; i < DOORS; i++) {
      doors.add(new LinkProxy("127.0.0.1", port));
    }
    this.settings = new HashMap<>(settings);
    this.settings.put(key, String.join(",", brokerLink.urls()));
    this.settings.put("http.port", String.valueOf(port));
  }

  String id() {
    return id;
  }

  WallClock clock() {
    return clock;
  }

  BrokerWay brokerLink() {
    return brokerLink;
  }

  LinkProxy door(int number) {
    return doors.get(number % DOORS);
  }

  /** Returns the way of a client to this bridge. */
  Doorway doorway(int number) {
    return new Doorway(id, URI.create("http://127.0.0.1:" + door(number).port() + "/cometd"));
  }

  /** Starts it and waits until it is ready. */
  void start() {
    process = new ExecutableWar(id, settings, List.of(), clock.environment());
  }

  /** Ends it without a warning. */
  void kill() {
    process.kill();
  }

  /** Ends it with SIGTERM. */
  void stop() {
    process.close();
  }

  /** Stops its process where it is. */
  void pause() {
    process.pause();
  }

  /** Lets a paused process go on. */
  void resume() {
    process.resume();
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
