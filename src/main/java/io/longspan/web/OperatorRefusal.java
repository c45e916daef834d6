package io.longspan.web;

/** Rejection of an operator's request, with the status and error code of its answer. */
final class OperatorRefusal extends Exception {
  private static final long serialVersionUID = 1L;
  private final int status;
  private final String code;

  OperatorRefusal(int status, String code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  int status() {
    return status;
  }

  /** Returns the error code; with status 405 the methods that are allowed. */
  String code() {
    return code;
  }
}
