package io.longspan.bridge;

/** Writes to one web client: the port to its Bayeux session. Nothing here waits for the client. */
public interface ClientChannel {

  /**
   * How a client is connected.
   *
   * @param transport the Bayeux transport of its latest request; empty if unknown
   * @param address the remote address of its handshake; empty if unknown
   */
  record Status(String transport, String address) {}

  /**
   * Notifies the channel that messages wait in the outbox. Another thread writes them. Called on
   * any thread, JMS delivery threads included; never blocks.
   */
  void wake();

  /**
   * Notifies the channel as {@link #wake} does, but this thread writes the messages if it can do so
   * without waiting. For a single message that is cheaper than another thread.
   */
  void wakeHere();

  /**
   * Notifies the channel as {@link #wake} does, but another message is expected soon. The channel
   * may wait for it, at most for {@code session.receiptDelay}, so that both are written together.
   */
  void wakeSoon();

  /**
   * Sets the outbox that is written to the client. Called when the session is created, and by a
   * command that connects or resumes; must not block.
   */
  void use(ClientOutbox outbox);

  /**
   * Ends the Bayeux session. The client's next message is answered with the advice to handshake.
   * Called on any thread; never blocks.
   *
   * @param reason the reason for the event and the log
   */
  void disconnect(String reason);

  /** Returns how the client is connected. Called on any thread except JMS delivery threads. */
  Status status();
}
