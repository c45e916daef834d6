package io.longspan.bayeux;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.cometd.bayeux.server.ServerMessage;

/**
 * The last poll and the last other request of one session. Browsers and proxies send a request once
 * more where its connection has broken before an answer came, and tell nobody. It is known by the
 * Bayeux ids, of clients that give each message one of its own: those that tell {@code
 * ext.bridge.seq} on their polls (protocol section 6).
 *
 * <p>Called on any thread; never blocks.
 */
final class LastRequests {
  /** The id of the last poll; null: the client does not count its messages. */
  private String poll;

  /** What had been taken from the outbox when that poll came first. */
  private long takenBefore;

  /** The receipts of what the last other request has sent, by id; null as long as it has not. */
  private Map<String, CompletionStage<Void>> receipts = Collections.emptyMap();

  /**
   * A client that counts its messages polls.
   *
   * @param id the message's id; null: unknown
   * @param taken the number of the last message that was taken
   * @return what was taken after this number was lost with the answer to the poll
   */
  synchronized long polled(String id, long taken) {
    if (id == null || !id.equals(poll)) {
      poll = id;
      takenBefore = taken;
    }
    return takenBefore;
  }

  /** From now on the client's messages have other numbers. */
  synchronized void renumbered() {
    takenBefore = 0;
  }

  /**
   * A request over long polling that may hold messages to send has come, perhaps not for the first
   * time.
   */
  synchronized void posted(List<? extends ServerMessage> messages) {
    if (poll == null) {
      return;
    }
    Set<String> ids =
        messages.stream()
            .map(ServerMessage::getId)
            .filter(id -> id != null)
            .collect(Collectors.toSet());
    if (!ids.equals(receipts.keySet())) {
      receipts = new HashMap<>(2);
      ids.forEach(id -> receipts.put(id, null));
    }
  }

  /**
   * Sends a message, unless the last request has already.
   *
   * @param id the message's id; null: it has none
   * @return the receipt of the only sending
   */
  CompletionStage<Void> sendOnce(String id, Supplier<CompletionStage<Void>> send) {
    CompletableFuture<Void> turn = new CompletableFuture<>();
    CompletionStage<Void> receipt = receipt(id, turn, send);
    if (receipt == null) {
      return send.get();
    }
    // Sends it, on this thread and outside the lock, unless the receipt is that of an earlier turn.
    turn.complete(null);
    return receipt;
  }

  /** Returns null where the last request did not hold this message. */
  private synchronized CompletionStage<Void> receipt(
      String id, CompletionStage<Void> turn, Supplier<CompletionStage<Void>> send) {
    return receipts.containsKey(id)
        ? receipts.computeIfAbsent(id, first -> turn.thenCompose(now -> send.get()))
        : null;
  }
}
