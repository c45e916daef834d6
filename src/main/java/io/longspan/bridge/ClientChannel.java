package io.longspan.bridge;

/**
 * The way to one web client: the Bayeux session that its outbox is written to. Nothing here waits
 * for the client.
 */
public interface ClientChannel {

  /**
   * How a client is reached.
   *
   * @param transport the Bayeux transport of its latest request
   * @param address the remote address of its handshake
   */
  record Status(String transport, String address) {}

  /**
   * Hears that something waits in the outbox. Called on any thread, JMS delivery threads included;
   * never blocks.
   */
  void wake();

  /**
   * Like {@link #wake}, and what waits is written by this thread, where that is possible without
   * waiting: for a single message that costs less than to have another thread do it.
   */
  void wakeHere();

  /** From now on this outbox is written to the client. Called on a command thread. */
  void use(ClientOutbox outbox);

  /**
   * Ends the Bayeux session: the client's next message is answered with the advice to handshake.
   * Called on any thread; never blocks.
   *
   * @param reason why, for the event and the log
   */
  void disconnect(String reason);

  /** Returns how the client is reached; called on any thread but delivery threads. */
  Status status();
}
