package io.longspan.chaos;

import io.longspan.external.BrokerPair;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** What is done to the processes of the broker and of the bridges. */
final class ProcessActions {
  private static final int MAX_STEP_SECONDS = 7_200;

  private final ChaosStage stage;
  private final Ledger ledger;

  ProcessActions(ChaosStage stage, Ledger ledger) {
    this.stage = stage;
    this.ledger = ledger;
  }

  /** Returns its actions. */
  Map<ChaosKind, Action> all() {
    Map<ChaosKind, Action> all = new EnumMap<>(ofEveryBroker());
    if (stage.broker() instanceof BrokerPair pair) {
      all.put(ChaosKind.KILL_PRIMARY, failOver(pair, pair::killServing));
      all.put(ChaosKind.PLANNED_FAIL_OVER, failOver(pair, pair::stopServing));
    }
    return all;
  }

  private Map<ChaosKind, Action> ofEveryBroker() {
    return Map.of(
        ChaosKind.KILL_BROKER,
        new Action(event -> stage.broker(), event -> "the broker", this::restartBroker),
        ChaosKind.KILL_BRIDGE,
        new Action(
            stage::bridge,
            this::name,
            event -> restart(stage.bridge(event), stage.bridge(event)::kill, event)),
        ChaosKind.STOP_BRIDGE,
        new Action(
            stage::bridge,
            this::name,
            event -> restart(stage.bridge(event), stage.bridge(event)::stop, event)),
        ChaosKind.PAUSE_BRIDGE,
        new Action(stage::bridge, this::name, this::pauseBridge),
        ChaosKind.STEP_CLOCK,
        new Action(
            event -> stage.bridge(event).clock(),
            event -> name(event) + " by " + step(event).toSeconds() + " s",
            this::stepClock));
  }

  private String name(ChaosPlan.Event event) {
    return stage.bridge(event).id();
  }

  private void restartBroker(ChaosPlan.Event event) throws InterruptedException {
    Outages.Outage outage = ledger.outages().begin(Outages.EVERYWHERE, ledger.clock().now());
    stage.broker().kill();
    LinkActions.sleep(event.length());
    stage.broker().restart();
    ledger.outages().end(outage, ledger.clock().now());
  }

  private Action failOver(BrokerPair pair, Runnable end) {
    return new Action(
        event -> pair, event -> "address " + pair.serving(), event -> failOver(pair, end, event));
  }

  /** While the ended process comes back, the broker may change the process that serves again. */
  private void failOver(BrokerPair pair, Runnable end, ChaosPlan.Event event)
      throws InterruptedException {
    Outages.Outage outage = ledger.outages().begin(Outages.EVERYWHERE, ledger.clock().now());
    end.run();
    pair.awaitTakeover();
    LinkActions.sleep(event.length());
    pair.repair();
    ledger.outages().end(outage, ledger.clock().now());
  }

  /** Whoever comes before it is connected to the broker is told so. */
  private void restart(BridgeUnderChaos bridge, Runnable end, ChaosPlan.Event event)
      throws InterruptedException {
    Outages.Outage outage = ledger.outages().beginCut(bridge.id(), ledger.clock().now());
    Outages.Outage away = ledger.doors().beginCut(bridge.id(), ledger.clock().now());
    end.run();
    LinkActions.sleep(event.length());
    bridge.start();
    ledger.doors().end(away, ledger.clock().now());
    ledger.outages().end(outage, ledger.clock().now());
  }

  private void pauseBridge(ChaosPlan.Event event) throws InterruptedException {
    BridgeUnderChaos bridge = stage.bridge(event);
    Outages.Outage outage = ledger.outages().beginPause(bridge.id(), ledger.clock().now());
    Outages.Outage silent = ledger.doors().beginPause(bridge.id(), ledger.clock().now());
    bridge.pause();
    try {
      LinkActions.sleep(event.length());
    } finally {
      bridge.resume();
    }
    ledger.doors().end(silent, ledger.clock().now());
    ledger.outages().end(outage, ledger.clock().now());
  }

  /** Ahead or behind, for a while. */
  private void stepClock(ChaosPlan.Event event) throws InterruptedException {
    WallClock clock = stage.bridge(event).clock();
    if (!WallClock.canBeStepped()) {
      ledger.chaos().add(event + " does nothing: there is no libfaketime");
      return;
    }
    Outages.Outage wrong = ledger.clockSteps().begin(Outages.EVERYWHERE, ledger.clock().now());
    clock.step(step(event));
    LinkActions.sleep(event.length());
    clock.step(Duration.ZERO);
    ledger.clockSteps().end(wrong, ledger.clock().now());
  }

  private static Duration step(ChaosPlan.Event event) {
    int seconds = 1 + event.target() / 4 % MAX_STEP_SECONDS;
    return Duration.ofSeconds(event.target() / 2 % 2 == 0 ? seconds : -seconds);
  }
}
