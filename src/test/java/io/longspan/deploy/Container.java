package io.longspan.deploy;

import java.net.URI;

/** A servlet container in a process of its own, with the bridge deployed. */
interface Container extends AutoCloseable {

  /** Returns where the application is, with a slash at the end. */
  URI base();

  /** Returns all that the container has logged. */
  String log();

  /** Stops the container in good order and returns its exit status. */
  int stop();

  @Override
  void close();
}
