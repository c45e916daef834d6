package io.longspan.bayeux;

import jakarta.websocket.Session;

/**
 * Writes texts to WebSockets. A container that can write bytes as a text message provides its own
 * output, because Jakarta's API has to be given a {@code String} of each text.
 *
 * <p>May be called on any thread, by one at a time for each session; never blocks.
 */
@FunctionalInterface
public interface WebSocketOutput {
  /** The output of every container. */
  WebSocketOutput JAKARTA =
      (session, text, writing) ->
          session
              .getAsyncRemote()
              .sendText(
                  text.toString(),
                  result -> {
                    if (result.isOK()) {
                      writing.succeeded();
                    } else {
                      writing.failed(result.getException());
                    }
                  });

  /** A text that is being written. One of the methods is called once, on any thread. */
  interface Writing {
    /** The socket has accepted all of the text. */
    void succeeded();

    /** The text was not written, or only a part of it. */
    void failed(Throwable reason);
  }

  /**
   * Gives a text to the container.
   *
   * @param writing is told when the text is written, perhaps before this method returns
   */
  void send(Session session, FrameText text, Writing writing);
}
