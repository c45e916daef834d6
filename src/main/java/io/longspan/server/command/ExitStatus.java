package io.longspan.server.command;

/** How a command has ended. */
final class ExitStatus {
  /** It did what it should, or the check found nothing wrong. */
  static final int OK = 0;

  /** It could not do it, or the check found something wrong. */
  static final int FAILED = 1;

  /** The configuration or the command line is wrong. */
  static final int WRONG_CONFIGURATION = 2;

  private ExitStatus() {}
}
