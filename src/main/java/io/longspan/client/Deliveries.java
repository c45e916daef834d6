package io.longspan.client;

import io.longspan.client.Incoming.Answer;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Deliveries of this session that are not settled (protocol section 15). Those that are settled
 * while there is no connection wait until the session is resumed. A new session makes all of them
 * void. Used on the loop only.
 */
final class Deliveries {
  static final Map<String, Object> ACK = Map.of("type", "ack");
  static final Map<String, Object> RELEASE = Map.of("type", "release");

  /** Handles of one command: as many as the bridge takes. */
  private static final int CHUNK = 1_000;

  /** A message that the bridge wants to have settled. The first outcome counts. */
  final class Delivery {
    private final String handle;

    /** Completes with whether the broker has taken the outcome; null before there is one. */
    private CompletableFuture<Boolean> taken;

    private Delivery(String handle) {
      this.handle = handle;
    }

    /** Whether it belongs to an earlier session. */
    boolean isVoid() {
      return taken == null && !open.contains(this);
    }

    /**
     * Settles the delivery.
     *
     * @param command {@code type} and the further fields of the control message
     * @return whether the broker has taken it; false if the delivery is void. It never fails
     */
    CompletableFuture<Boolean> settle(Map<String, Object> command) {
      if (taken == null) {
        taken = new CompletableFuture<>();
        if (open.contains(this)) {
          waiting.add(new Settlement(this, command));
          sendSoon();
        } else {
          taken.complete(false);
        }
      }
      return taken;
    }
  }

  private record Settlement(Delivery delivery, Map<String, Object> command) {}

  private final Session session;
  private final Loop loop;
  private final Set<Delivery> open = new HashSet<>();
  private List<Settlement> waiting = new ArrayList<>();
  private boolean sendingSoon;

  Deliveries(Session session, Loop loop) {
    this.session = session;
    this.loop = loop;
  }

  boolean isEmpty() {
    return open.isEmpty();
  }

  Delivery add(String handle) {
    Delivery delivery = new Delivery(handle);
    open.add(delivery);
    return delivery;
  }

  /** What is settled until then is sent together. */
  private void sendSoon() {
    if (!sendingSoon) {
      sendingSoon = true;
      loop.execute(
          () -> {
            sendingSoon = false;
            send();
          });
    }
  }

  /** Sends what waits; called when the session is resumed. */
  void send() {
    if (!session.isConnected()) {
      return;
    }
    Map<Map<String, Object>, List<Delivery>> alike = new LinkedHashMap<>();
    for (Settlement each : waiting) {
      alike.computeIfAbsent(each.command(), command -> new ArrayList<>()).add(each.delivery());
    }
    waiting = new ArrayList<>();
    alike.forEach(
        (command, all) -> {
          for (int from = 0; from < all.size(); from += CHUNK) {
            send(command, List.copyOf(all.subList(from, Math.min(all.size(), from + CHUNK))));
          }
        });
  }

  private void send(Map<String, Object> command, List<Delivery> all) {
    Map<String, Object> data = new LinkedHashMap<>(command);
    data.put("deliveries", all.stream().map(delivery -> delivery.handle).toList());
    session
        .control(data)
        .whenComplete(
            (answer, failure) -> {
              if (failure instanceof LongspanException.NotSent
                  && all.stream().anyMatch(open::contains)) {
                all.forEach(delivery -> waiting.add(new Settlement(delivery, command)));
              } else {
                settled(all, answer, failure);
              }
            });
  }

  private void settled(List<Delivery> all, Answer answer, Throwable failure) {
    if (failure != null) {
      Loop.LOG.log(Level.INFO, "deliveries were not settled", failure);
    }
    for (Delivery delivery : all) {
      open.remove(delivery);
      delivery.taken.complete(
          failure == null && !answer.failedDeliveries().contains(delivery.handle));
    }
    if (open.isEmpty()) {
      session.callEnded();
    }
  }

  /** The session is gone: all deliveries are void. */
  void lost() {
    open.clear();
    List<Settlement> left = waiting;
    waiting = new ArrayList<>();
    left.forEach(each -> each.delivery().taken.complete(false));
  }
}
