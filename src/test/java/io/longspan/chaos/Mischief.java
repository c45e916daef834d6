package io.longspan.chaos;

import io.longspan.external.LinkProxy;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Does what a plan says, and notes what it does. What something else is being done to is left
 * alone: a link that is frozen is not cut off as well, and a bridge that is being started is not
 * killed.
 */
final class Mischief implements AutoCloseable {
  private final ChaosStage stage;
  private final Ledger ledger;
  private final List<ChaosClient> clients;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<ChaosKind, Integer> done = new EnumMap<>(ChaosKind.class);
  private final Set<Object> busy = new HashSet<>();

  /** Guarded by this: what has failed, and would make the run's result worthless. */
  private Throwable failure;

  Mischief(ChaosStage stage, Ledger ledger, List<ChaosClient> clients) {
    this.stage = stage;
    this.ledger = ledger;
    this.clients = clients;
  }

  /** Does the whole plan; blocks until its last event is over and everything runs again. */
  void run(ChaosPlan plan) throws InterruptedException {
    long begin = ledger.clock().now();
    for (ChaosPlan.Event event : plan.events()) {
      TimeUnit.NANOSECONDS.sleep(begin + event.at().toNanos() - ledger.clock().now());
      begin(event);
    }
    threads.shutdown();
    if (!threads.awaitTermination(10, TimeUnit.MINUTES)) {
      throw new AssertionError("what was stopped did not start again");
    }
    synchronized (this) {
      if (failure != null) {
        throw new AssertionError("a bridge or the broker could not be restarted", failure);
      }
    }
    ledger.chaos().add("all is well again");
  }

  /** Returns how often what was done. */
  synchronized Map<ChaosKind, Integer> done() {
    return new EnumMap<>(done);
  }

  private void begin(ChaosPlan.Event event) {
    BridgeUnderChaos bridge = stage.bridges().get(event.target() % stage.bridges().size());
    int door = event.target() / stage.bridges().size();
    switch (event.kind()) {
      case CUT_CLIENTS -> with(bridge.door(door), event, () -> bridge.door(door).cut());
      case FREEZE_CLIENTS -> with(bridge.door(door), event, () -> freeze(bridge.door(door), event));
      case CUT_BROKER_LINK -> with(bridge.brokerLink(), event, () -> cutBrokerLink(bridge, event));
      case FREEZE_BROKER_LINK ->
          with(bridge.brokerLink(), event, () -> freezeBrokerLink(bridge, event));
      case KILL_BROKER -> with(stage.broker(), event, () -> restartBroker(event));
      case KILL_BRIDGE -> with(bridge, event, () -> restart(bridge, bridge::kill, event));
      case STOP_BRIDGE -> with(bridge, event, () -> restart(bridge, bridge::stop, event));
      case SLOW_CLIENT -> {
        clients.get(event.target() % clients.size()).slowDown(event.length().toNanos());
        count(event, "client-" + (1 + event.target() % clients.size()));
      }
    }
  }

  private interface Work {
    void run() throws InterruptedException;
  }

  private void with(Object thing, ChaosPlan.Event event, Work work) {
    synchronized (this) {
      if (!busy.add(thing)) {
        ledger.chaos().add(event + " left out: something else is being done there");
        return;
      }
    }
    count(event, name(event));
    threads.execute(
        () -> {
          try {
            work.run();
            ledger.chaos().add(event + " is over");
          } catch (Throwable x) {
            synchronized (this) {
              failure = x;
            }
          } finally {
            synchronized (this) {
              busy.remove(thing);
            }
          }
        });
  }

  private String name(ChaosPlan.Event event) {
    if (event.kind() == ChaosKind.KILL_BROKER) {
      return "the broker";
    }
    BridgeUnderChaos bridge = stage.bridges().get(event.target() % stage.bridges().size());
    boolean door =
        event.kind() == ChaosKind.CUT_CLIENTS || event.kind() == ChaosKind.FREEZE_CLIENTS;
    return bridge.id()
        + (door ? ", port " + bridge.door(event.target() / stage.bridges().size()).port() : "");
  }

  private synchronized void count(ChaosPlan.Event event, String target) {
    done.merge(event.kind(), 1, Integer::sum);
    ledger.chaos().add(event + " begins: " + target);
  }

  private static void freeze(LinkProxy link, ChaosPlan.Event event) throws InterruptedException {
    link.freeze();
    sleep(event.length());
    link.heal();
  }

  private static void cutBrokerLink(BridgeUnderChaos bridge, ChaosPlan.Event event)
      throws InterruptedException {
    bridge.brokerLink().block();
    sleep(event.length());
    bridge.brokerLink().heal();
  }

  private void freezeBrokerLink(BridgeUnderChaos bridge, ChaosPlan.Event event)
      throws InterruptedException {
    String outage = "link of " + bridge.id();
    ledger.outages().begin(outage, bridge.id(), ledger.clock().now());
    freeze(bridge.brokerLink(), event);
    ledger.outages().end(outage, ledger.clock().now());
  }

  private void restartBroker(ChaosPlan.Event event) throws InterruptedException {
    ledger.outages().begin("broker", Outages.EVERYWHERE, ledger.clock().now());
    stage.broker().kill();
    sleep(event.length());
    stage.broker().restart();
    ledger.outages().end("broker", ledger.clock().now());
  }

  private static void restart(BridgeUnderChaos bridge, Runnable end, ChaosPlan.Event event)
      throws InterruptedException {
    end.run();
    sleep(event.length());
    bridge.start();
  }

  /** The length of an outage is what is tested, not how long something takes. */
  private static void sleep(Duration length) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(length.toNanos());
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
