package io.longspan.bridge;

import io.longspan.bridge.BridgeOperations.Page;
import io.longspan.catalogue.DurableSubscription;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Operations on durable subscriptions for an operator. Callers must have authorised the operator.
 *
 * <p>Called on any thread; never blocks.
 */
public final class DurableOperations {
  /**
   * A durable subscription that this bridge has used since its start.
   *
   * @param user the user that it belongs to
   * @param topic the logical name
   * @param name the user's name of it
   * @param broker the name of the broker that has it; empty for the default one
   * @param inUse whether a session of this bridge has it
   * @param bridge the bridge that used it last, as far as this one has heard
   * @param since when this bridge heard that the last use began or ended
   */
  public record Durable(
      String user,
      String topic,
      String name,
      String broker,
      boolean inUse,
      String bridge,
      Instant since) {}

  private final DurableHolders holders;
  private final ClientDurables durables;

  DurableOperations(DurableHolders holders, ClientDurables durables) {
    this.holders = holders;
    this.durables = durables;
  }

  /**
   * Lists the subscriptions, by user, topic and name. The broker may have further ones, which no
   * session of this bridge has used since its start.
   *
   * @param user lists only this user's; empty for all users
   * @param offset the index of the first item, at least 0
   * @param limit the maximum number of items, 1 to {@link BridgeOperations#MAX_PAGE_SIZE}
   * @throws IllegalArgumentException if offset or limit is out of range
   */
  public Page<Durable> list(Optional<String> user, int offset, int limit) {
    return BridgeOperations.page(
        holders.known().stream().filter(each -> user.filter(u -> !u.equals(each.user())).isEmpty()),
        Comparator.comparing(Durable::user)
            .thenComparing(Durable::topic)
            .thenComparing(Durable::name),
        offset,
        limit);
  }

  /** Returns a subscription of the list by what its user calls it. */
  public Optional<DurableSubscription> find(String user, String topic, String name) {
    return holders.find(user, topic, name);
  }

  /**
   * Deletes a subscription with its messages, whether it is in use or not. A session that has it
   * loses it as if a newer session had taken it over.
   *
   * @param user the user that it belongs to
   * @return completes when the broker has deleted it, or has said that there is none; fails with a
   *     {@code BridgeException}: {@code IN_USE} if another bridge does not give it up
   */
  public CompletionStage<Void> delete(String user, DurableSubscription subscription) {
    return durables.delete(user, subscription);
  }
}
