package io.longspan.server;

/** The server cannot start, for a reason other than its configuration. The message is one line. */
public final class StartException extends Exception {

  private static final long serialVersionUID = 1L;

  StartException(String line, Throwable cause) {
    super(line.replaceAll("\\p{Cntrl}+", " "), cause);
  }
}
