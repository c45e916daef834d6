package io.longspan.chaos;

import java.util.EnumSet;
import java.util.Map;

/** What the broker's administrator and its other clients do. */
final class BrokerActions {
  private final ChaosStage stage;
  private final Ledger ledger;
  private final StrangeOrders orders;

  BrokerActions(ChaosStage stage, Ledger ledger, StrangeOrders orders) {
    this.stage = stage;
    this.ledger = ledger;
    this.orders = orders;
  }

  /** Returns its actions. */
  Map<ChaosKind, Action> all() {
    return Map.of(
        ChaosKind.REFUSE_CONSUMERS,
        new Action(
            event -> stage.broker(),
            event -> topic(event) + ", " + stage.bridge(event).id(),
            this::refuse),
        ChaosKind.STRANGE_MESSAGES,
        new Action(event -> event, event -> topic(event).logicalName(), this::orderStrangeMessages),
        ChaosKind.EDIT_CATALOGUE,
        new Action(event -> stage.catalogue(), event -> topic(event).logicalName(), this::edit));
  }

  private static ChaosTopic topic(ChaosPlan.Event event) {
    return ChaosTopic.values()[event.target() / 2 % ChaosTopic.values().length];
  }

  /** The bridge opens its consumers again, and gets all of them but one. */
  private void refuse(ChaosPlan.Event event) throws InterruptedException {
    String topic = topic(event).logicalName();
    BridgeUnderChaos bridge = stage.bridge(event);
    Outages.Outage outage = ledger.outages().beginCut(bridge.id(), ledger.clock().now());
    stage.broker().refuseConsumers(topic);
    bridge.brokerLink().cut();
    LinkActions.sleep(event.length());
    stage.broker().allowConsumers(topic);
    ledger.outages().end(outage, ledger.clock().now());
  }

  private void orderStrangeMessages(ChaosPlan.Event event) {
    for (Strangeness strangeness : EnumSet.complementOf(EnumSet.of(Strangeness.NONE))) {
      orders.publish(topic(event), strangeness);
      orders.answer(strangeness);
    }
  }

  /** The last right is given back whatever happens: else nobody is settled at the end. */
  private void edit(ChaosPlan.Event event) throws InterruptedException {
    ChaosCatalogue catalogue = stage.catalogue();
    catalogue.comment();
    LinkActions.sleep(event.length().dividedBy(4));
    catalogue.addEntry();
    LinkActions.sleep(event.length().dividedBy(4));
    Withdrawals.Withdrawal withdrawal =
        ledger.withdrawals().begin(topic(event), ledger.clock().now());
    catalogue.withdraw(topic(event));
    LinkActions.sleep(event.length().dividedBy(2));
    ledger.withdrawals().end(withdrawal, ledger.clock().now());
    catalogue.restore();
  }
}
