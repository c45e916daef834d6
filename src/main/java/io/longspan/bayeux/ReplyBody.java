package io.longspan.bayeux;

import java.io.IOException;

/**
 * Takes the whole body of a reply over long polling. The container must write it without blocking
 * when the exchange is completed, on the thread that completes it. Only the embedded server is
 * known to do so.
 */
@FunctionalInterface
public interface ReplyBody {
  /** The request attribute of a {@code ReplyBody}; absent if the container may block. */
  String REQUEST_ATTRIBUTE = "io.longspan.replyBody";

  /**
   * Sets the body, before the exchange is completed. Called once, on any thread; must not block.
   *
   * @param bytes the body is at its start; not changed afterwards
   * @param length the length of the body in bytes, less than 64 KiB
   * @throws IOException if the client has disconnected
   */
  void set(byte[] bytes, int length) throws IOException;
}
