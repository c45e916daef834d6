package io.longspan.catalogue;

/**
 * A right of the bridge's account at a broker.
 *
 * @param destination the queue, topic or pattern of topics
 * @param action what the account does
 * @param needed true if the bridge needs it; false if only others should have it
 * @param example whether the name has {@link #EXAMPLE} in place of a variable, so that nobody else
 *     uses the destination
 * @param reason why the bridge needs it, or who should have it instead
 */
public record AccountRight(
    BrokerDestination destination, Action action, boolean needed, boolean example, String reason) {

  /** Stands for a variable of a catalogue entry. */
  public static final String EXAMPLE = "longspan-check";

  /** What an account does with a destination. */
  public enum Action {
    SEND,
    RECEIVE
  }

  /** Returns a right that the bridge needs. */
  public static AccountRight needed(
      BrokerDestination destination, Action action, boolean example, String reason) {
    return new AccountRight(destination, action, true, example, reason);
  }

  /** Returns a right that the bridge should not have. */
  public static AccountRight excess(
      BrokerDestination destination, Action action, boolean example, String reason) {
    return new AccountRight(destination, action, false, example, reason);
  }
}
