package io.longspan.chaos;

import io.longspan.external.FullQueues;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** What clients do: read nothing, and fill queues. */
final class ClientActions {
  private static final int FILLERS = 3;
  private static final long PATIENCE = RunClock.nanos(Duration.ofSeconds(90));
  private static final int RECEIVE_MILLIS = 500;

  private final ChaosStage stage;
  private final Ledger ledger;
  private final List<CrowdClient> clients;

  ClientActions(ChaosStage stage, Ledger ledger, List<CrowdClient> clients) {
    this.stage = stage;
    this.ledger = ledger;
    this.clients = clients;
  }

  /** Returns its actions. */
  Map<ChaosKind, Action> all() {
    return Map.of(
        ChaosKind.SLOW_CLIENT,
        new Action(this::client, event -> "client-" + (1 + number(event)), this::slowDown),
        ChaosKind.FILL_DESTINATION,
        new Action(ClientActions::queue, ClientActions::queue, this::fill));
  }

  private int number(ChaosPlan.Event event) {
    return event.target() % clients.size();
  }

  private CrowdClient client(ChaosPlan.Event event) {
    return clients.get(number(event));
  }

  private void slowDown(ChaosPlan.Event event) throws InterruptedException {
    client(event).slowDown(event.length().toNanos());
    LinkActions.sleep(event.length());
  }

  private static String queue(ChaosPlan.Event event) {
    return FullQueues.FILLED.get(event.target() % FullQueues.FILLED.size());
  }

  private void fill(ChaosPlan.Event event) throws InterruptedException {
    String queue = queue(event);
    List<CrowdClient> fillers =
        IntStream.range(0, FILLERS)
            .mapToObj(i -> clients.get((number(event) + i) % clients.size()))
            .toList();
    fillers.forEach(client -> client.fill(queue));
    LinkActions.sleep(event.length());
    drain(queue, fillers);
  }

  /** Reads the queue until messages that were sent since come through again. */
  private void drain(String queue, List<CrowdClient> fillers) throws InterruptedException {
    long since = ledger.clock().now();
    ledger.chaos().add(queue + " is drained");
    while (ledger.clock().now() - since < PATIENCE) {
      try (Connection connection = stage.broker().connectionFactory().createConnection()) {
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(session.createQueue(queue));
        connection.start();
        while (ledger.clock().now() - since < PATIENCE) {
          consumer.receive(RECEIVE_MILLIS);
          if (fillers.stream()
              .anyMatch(filler -> filler.record().requests().wasTaken(queue, since))) {
            fillers.forEach(filler -> filler.fillNoMore(queue));
            while (consumer.receive(RECEIVE_MILLIS) != null) {
              // Nothing is left for the next event.
            }
            ledger.chaos().add(queue + " takes messages again");
            return;
          }
        }
      } catch (JMSException x) {
        ledger.chaos().add("who drains " + queue + " lost the broker: " + x);
        TimeUnit.MILLISECONDS.sleep(RECEIVE_MILLIS); // The broker is away.
      }
    }
    fillers.forEach(filler -> filler.fillNoMore(queue));
    fillers
        .get(0)
        .record()
        .find(Finding.Kind.NO_ROOM, queue, "the queue was drained, and nobody can send to it");
  }
}
