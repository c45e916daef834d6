package io.longspan.benchmark;

import java.net.URI;

/** A server of Bayeux clients, in a process of its own. */
interface ServerUnderLoad extends AutoCloseable {
  /** What it is called in the results. */
  String name();

  Dialect dialect();

  URI endpoint();

  /** Returns the cookie by which a client's user is known; none where users are not known. */
  Login cookie(int client);

  /** Returns the user and password of a client, which each of its requests carries. */
  Login password(int client);

  ProcessMeter meter();

  /**
   * Publishes stamped messages, numbered from 1 in each topic, from now on.
   *
   * @param topics to how many topics, one after another
   * @param perSecond how many messages in all
   */
  void publish(int topics, double perSecond);

  /** Ends publishing; returns how many messages there were since {@link #publish}. */
  long stopPublishing();

  /** Ends it without a warning and starts it again. */
  void restart();

  /** Returns the name of a topic, from 0. */
  static String topic(int number) {
    return "bench/t" + number;
  }

  @Override
  void close();
}
