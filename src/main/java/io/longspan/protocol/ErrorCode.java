package io.longspan.protocol;

/**
 * The stable codes that tell a client why something was refused, and whether the same message may
 * succeed later (protocol section 2).
 *
 * <p>Two constants with the same code differ in whether the message may succeed later.
 */
public enum ErrorCode {
  /** The message is malformed, or a name or selector in it is invalid. */
  BAD_REQUEST("badRequest", false),
  /** The bridge does not support the client's protocol version. */
  UNSUPPORTED_VERSION("unsupportedVersion", false),
  /** The client has not sent {@code connect}, or has sent {@code disconnect}. */
  NOT_CONNECTED("notConnected", false),
  /** No catalogue entry matches, or the user lacks the right. The client never learns which. */
  NOT_AUTHORIZED("notAuthorized", false),
  /** A configured limit is reached now. */
  LIMIT_EXCEEDED("limitExceeded", true),
  /** The message exceeds a limit on its own: too large, nested too deep, or too many topics. */
  TOO_LARGE("limitExceeded", false),
  /** There is no JMS connection now. */
  BROKER_UNAVAILABLE("brokerUnavailable", true),
  /**
   * The broker rejected the message or a consumer, and may accept it later: its destination may be
   * full.
   */
  SEND_FAILED("sendFailed", true),
  /** The broker rejected the message and will reject it again: no right, or no such destination. */
  SEND_REFUSED("sendFailed", false),
  /** Another bridge still has the durable subscription. */
  IN_USE("sendFailed", true),
  /**
   * The local service failed, or did not answer in time. It may or may not have done what was
   * asked.
   */
  SERVICE_FAILED("serviceFailed", true),
  /** The bridge itself failed. The operation may or may not have been done. */
  INTERNAL_ERROR("internalError", true);

  private final String wireName;
  private final boolean temporary;

  ErrorCode(String wireName, boolean temporary) {
    this.wireName = wireName;
    this.temporary = temporary;
  }

  /** Returns the code as {@code errorCode} contains it. */
  public String wireName() {
    return wireName;
  }

  /** Returns whether the same message may succeed later: the value of {@code temporary}. */
  public boolean isTemporary() {
    return temporary;
  }
}
