package io.longspan.demo;

/** A request that cannot be fulfilled, with the error code and a safe message for the requester. */
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
