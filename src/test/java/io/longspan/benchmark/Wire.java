package io.longspan.benchmark;

/** How a client's texts get to the server; used on the event loop's thread. */
interface Wire {
  /** Bayeux's name of the transport. */
  String connectionType();

  /** Whether each answer has to be followed by a request, since nothing else brings more. */
  boolean isPolling();

  /** Sends a text; where only one can be under way, none is. */
  void send(String json);

  /** Sends a text while a poll is held. */
  void sendAside(String json);

  /** Ends it without a word. */
  void close();
}
