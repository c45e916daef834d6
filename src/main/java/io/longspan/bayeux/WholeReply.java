package io.longspan.bayeux;

import java.io.IOException;
import java.util.Arrays;
import org.cometd.bayeux.Promise;
import org.cometd.server.CometDResponse;

/**
 * A reply over long polling whose body is collected and handed to the container as a whole, by the
 * thread that has the messages. CometD's own output waits for a thread of the container before it
 * writes, so each answered poll would wake one.
 *
 * <p>A body of more than {@link #MAX_BYTES} is written by CometD's output, message by message, so
 * that it does not exist twice. One thread at a time uses this class; it never blocks.
 */
final class WholeReply implements CometDResponse, CometDResponse.Output {
  /** Maximum length of a body that is collected. */
  static final int MAX_BYTES = (64 << 10) - 1;

  private static final int FIRST_BYTES = 512;

  private final CometDResponse response;
  private final ReplyBody body;
  private byte[] collected = new byte[FIRST_BYTES];
  private int length;

  /** CometD's output, once the body is too large; null before. */
  private Output streaming;

  /**
   * Creates a reply without content.
   *
   * @param response CometD's response, which gets the headers and a large body
   * @param body takes a body that was collected
   */
  WholeReply(CometDResponse response, ReplyBody body) {
    this.response = response;
    this.body = body;
  }

  @Override
  public void addHeader(String name, String value) {
    response.addHeader(name, value);
  }

  @Override
  public void setContentType(String contentType) {
    response.setContentType(contentType);
  }

  @Override
  public Output getOutput() {
    return this;
  }

  @Override
  public void write(boolean last, byte[] bytes, Promise<Void> promise) {
    if (streaming != null) {
      streaming.write(last, bytes, promise);
    } else if (length + bytes.length > MAX_BYTES) {
      stream(last, bytes, promise);
    } else {
      collect(bytes);
      if (last) {
        end(promise);
      } else {
        promise.succeed(null);
      }
    }
  }

  private void collect(byte[] bytes) {
    int needed = length + bytes.length;
    if (needed > collected.length) {
      collected = Arrays.copyOf(collected, Math.max(needed, 2 * collected.length));
    }
    System.arraycopy(bytes, 0, collected, length, bytes.length);
    length = needed;
  }

  private void end(Promise<Void> promise) {
    try {
      body.set(collected, length);
    } catch (IOException | RuntimeException failure) {
      promise.fail(failure);
      return;
    }
    promise.succeed(null);
  }

  private void stream(boolean last, byte[] bytes, Promise<Void> promise) {
    byte[] before = Arrays.copyOf(collected, length);
    collected = null;
    Output output = response.getOutput();
    streaming = output;
    output.write(
        false, before, Promise.from(done -> output.write(last, bytes, promise), promise::fail));
  }
}
