package io.longspan.demo;

/** A request that can't be fulfilled, with the code and the safe sentence that its sender gets. */
final class ServiceException extends RuntimeException {

  private final ErrorCode code;

  ServiceException(ErrorCode code, String message) {
    super(message);
    this.code = code;
  }

  ServiceException(ErrorCode code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  ErrorCode code() {
    return code;
  }
}
