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
 * The last poll and the last other request of one session. If a connection breaks before the reply,
 * browsers and proxies repeat the request without notice.
 *
 * <p>A repetition has the same message ids. The ids are only reliable for clients that send {@code
 * ext.bridge.seq} in their polls, because these clients send unique ids ({@code docs/protocol.md}).
 * May be used on any thread; never blocks.
 */
final class LastRequests {
  /** The id of the last poll; null if the client does not send {@code ext.bridge.seq}. */
  private String poll;

  /** The last {@code seq} taken from the outbox when this poll arrived for the first time. */
  private long takenBefore;

  /**
   * The receipts of the last other request, by message id; null for a message that is not yet sent.
   */
  private Map<String, CompletionStage<Void>> receipts = Collections.emptyMap();

  /**
   * Records a poll of a client that sends {@code ext.bridge.seq}.
   *
   * @param id the Bayeux message id; null if there is none
   * @param taken the {@code seq} of the last message that was taken
   * @return the {@code seq} after which messages must be re-queued: they were lost with the reply
   *     to an earlier copy of this poll. Equal to {@code taken} if the poll is new
   */
  synchronized long polled(String id, long taken) {
    if (id == null || !id.equals(poll)) {
      poll = id;
      takenBefore = taken;
    }
    return takenBefore;
  }

  /** Resets the record, because the client's messages have other numbers from now on. */
  synchronized void renumbered() {
    takenBefore = 0;
  }

  /**
   * Records a long-polling request that may contain messages to send. A repetition keeps its
   * receipts.
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
   * Sends a message, unless an earlier copy of the request has sent it.
   *
   * @param id the Bayeux message id; null if there is none
   * @param send sends the message; is called at most once, without the lock
   * @return the receipt of the only send
   */
  CompletionStage<Void> sendOnce(String id, Supplier<CompletionStage<Void>> send) {
    CompletableFuture<Void> receipt;
    synchronized (this) {
      CompletionStage<Void> earlier = receipts.get(id);
      if (earlier != null) {
        return earlier;
      }
      receipt = receipts.containsKey(id) ? new CompletableFuture<>() : null;
      if (receipt != null) {
        receipts.put(id, receipt);
      }
    }
    if (receipt == null) {
      return send.get();
    }
    try {
      send.get()
          .whenComplete(
              (sent, failure) -> {
                if (failure == null) {
                  receipt.complete(sent);
                } else {
                  receipt.completeExceptionally(failure);
                }
              });
    } catch (RuntimeException | Error failure) {
      // A repetition must get the same result.
      receipt.completeExceptionally(failure);
    }
    return receipt;
  }
}
