package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.awaitility.Awaitility;

/** Waits for what clients hear of their end. */
final class SessionEndings {
  private SessionEndings() {}

  /**
   * Waits until a client has heard of its end: it was told the reason, or, over long polling and
   * between two polls, its next poll was refused.
   */
  static void awaitEnd(RawBayeuxClient client, String reason) {
    Awaitility.await()
        .until(
            () ->
                !reasons(client).isEmpty()
                    || (client instanceof LongPollingClient && client.pollRefused()));
    assertThat(reasons(client)).isSubsetOf(reason);
  }

  private static List<Object> reasons(RawBayeuxClient client) {
    return client.data().stream()
        .filter(d -> "sessionEnded".equals(d.get("type")))
        .map(d -> d.get("reason"))
        .toList();
  }
}
