package io.longspan.bridge;

import io.longspan.protocol.Payload;

/**
 * The way out to one web client. What is delivered is queued, numbered and written in the order of
 * delivery; nothing here waits for the client.
 */
public interface ClientOutbox {

  /**
   * How a client is reached, and what waits for it.
   *
   * @param transport the Bayeux transport of its latest request
   * @param address the remote address of its handshake
   * @param queuedMessages how many messages wait for it
   * @param queuedBytes how many bytes of payload wait for it
   */
  record Status(String transport, String address, int queuedMessages, long queuedBytes) {}

  /**
   * Queues a payload on the client's user channel. Called on any thread, JMS delivery threads
   * included; never blocks. A payload for a client that has gone is dropped.
   */
  void deliver(Payload payload);

  /** Tells whether a payload that was queued must not reach the client any more. */
  @FunctionalInterface
  interface Recall {
    /** Called on any thread, also under the client's lock; never blocks. Once true, always true. */
    boolean isRecalled();
  }

  /**
   * Like {@link #deliver(Payload)}; but once the payload is recalled, it is dropped wherever it
   * waits.
   */
  void deliver(Payload payload, Recall recall);

  /** Frees what recalled payloads occupy. Called on any thread; never blocks. */
  void discardRecalled();

  /**
   * Ends the Bayeux session: the client's next message is answered with the advice to handshake.
   * Called on any thread; never blocks.
   *
   * @param reason why, for the log
   */
  void disconnect(String reason);

  /** Returns how the client is reached; called on any thread but delivery threads. */
  Status status();
}
