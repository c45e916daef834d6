package io.longspan.chaos;

/** A client of a crowd. The methods may be called on any thread and return at once. */
interface CrowdClient extends AutoCloseable {
  /** Does what is due; to be called several times a second. */
  void tick();

  /** Reads nothing for a while. */
  void slowDown(long duration);

  /** Sends to a queue that may be full, until {@link #fillNoMore}. */
  void fill(String queue);

  /** Sends no more to the queue. */
  void fillNoMore(String queue);

  /** Returns what it knows. */
  ClientRecord record();

  /** Sends no more requests. */
  void stopRequests();

  /** Returns whether it is connected, subscribed and reading. */
  boolean isSettled();

  /** Drops the connection and does nothing any more. */
  @Override
  void close();
}
