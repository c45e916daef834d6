package io.longspan.chaos;

import io.longspan.external.LinkProxy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What is done to links: the doors of the clients, and each bridge's way to the broker. */
final class LinkActions {
  private static final int MIN_DELAY_MILLIS = 500;
  private static final int MAX_DELAY_MILLIS = 20_000;

  private final ChaosStage stage;
  private final Ledger ledger;

  LinkActions(ChaosStage stage, Ledger ledger) {
    this.stage = stage;
    this.ledger = ledger;
  }

  /** Returns its actions. */
  Map<ChaosKind, Action> all() {
    return Map.of(
        ChaosKind.CUT_CLIENTS,
        new Action(this::door, this::nameOfDoor, this::cutDoor),
        ChaosKind.FREEZE_CLIENTS,
        new Action(this::door, this::nameOfDoor, this::freezeDoor),
        ChaosKind.CUT_BROKER_LINK,
        new Action(this::brokerLink, this::nameOfBridge, this::cutBrokerLink),
        ChaosKind.FREEZE_BROKER_LINK,
        new Action(this::brokerLink, this::nameOfBridge, this::freezeBrokerLink),
        ChaosKind.SLOW_BROKER,
        new Action(
            this::brokerLink,
            event -> nameOfBridge(event) + " by " + delay(event).toMillis() + " ms",
            this::slowDownBroker));
  }

  private LinkProxy door(ChaosPlan.Event event) {
    return stage.bridge(event).door(event.target() / stage.bridges().size());
  }

  private String nameOfDoor(ChaosPlan.Event event) {
    return nameOfBridge(event) + ", port " + door(event).port();
  }

  private BrokerWay brokerLink(ChaosPlan.Event event) {
    return stage.bridge(event).brokerLink();
  }

  private String nameOfBridge(ChaosPlan.Event event) {
    return stage.bridge(event).id();
  }

  private void cutDoor(ChaosPlan.Event event) {
    Outages.Outage cut = ledger.doors().beginCut(nameOfBridge(event), ledger.clock().now());
    door(event).cut();
    ledger.doors().end(cut, ledger.clock().now());
  }

  private void freezeDoor(ChaosPlan.Event event) throws InterruptedException {
    Outages.Outage frozen = ledger.doors().begin(nameOfBridge(event), ledger.clock().now());
    door(event).freeze();
    sleep(event.length());
    door(event).heal();
    ledger.doors().end(frozen, ledger.clock().now());
  }

  private void cutBrokerLink(ChaosPlan.Event event) throws InterruptedException {
    BrokerWay link = brokerLink(event);
    Outages.Outage outage = ledger.outages().beginCut(nameOfBridge(event), ledger.clock().now());
    link.block();
    sleep(event.length());
    link.heal();
    ledger.outages().end(outage, ledger.clock().now());
  }

  private void freezeBrokerLink(ChaosPlan.Event event) throws InterruptedException {
    Outages.Outage outage = ledger.outages().begin(nameOfBridge(event), ledger.clock().now());
    brokerLink(event).freeze();
    sleep(event.length());
    brokerLink(event).heal();
    ledger.outages().end(outage, ledger.clock().now());
  }

  private void slowDownBroker(ChaosPlan.Event event) throws InterruptedException {
    Outages.Outage outage = ledger.outages().begin(nameOfBridge(event), ledger.clock().now());
    brokerLink(event).delayAnswers(delay(event));
    sleep(event.length());
    brokerLink(event).delayAnswers(Duration.ZERO);
    ledger.outages().end(outage, ledger.clock().now());
  }

  private static Duration delay(ChaosPlan.Event event) {
    int span = MAX_DELAY_MILLIS - MIN_DELAY_MILLIS + 1;
    return Duration.ofMillis(MIN_DELAY_MILLIS + event.target() / 2 % span);
  }

  /** The length of an outage is what is tested, not how long something takes. */
  static void sleep(Duration length) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(length.toNanos());
  }
}
