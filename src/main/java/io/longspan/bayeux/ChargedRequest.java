package io.longspan.bayeux;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.cometd.server.CometDRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP request whose body is charged to its user's account while it is received. If the account
 * has no room, the request fails.
 *
 * <p>One thread at a time reads it; any thread may release it. Never blocks.
 */
final class ChargedRequest implements CometDRequest {
  private static final Logger LOG = LoggerFactory.getLogger(ChargedRequest.class);

  /**
   * Bytes charged per byte of the body. The body is collected in an array of up to twice its
   * length.
   */
  private static final int COST = 2;

  /**
   * A charge up to this number of bytes is released after parsing, a larger one after the reply.
   */
  private static final int SMALL_BYTES = 16 << 10;

  private final CometDRequest request;
  private final Account account;
  private Input input;

  /** Bytes charged. Guarded by this, like {@code released}. */
  private long charged;

  private boolean released;

  ChargedRequest(CometDRequest request, Account account) {
    this.request = request;
    this.account = account;
  }

  /**
   * Releases the charge of a small body. Call it when the body is parsed, before its messages are
   * handled.
   */
  synchronized void parsed() {
    if (charged <= SMALL_BYTES) {
      release();
    }
  }

  /** Releases the whole charge. Call it when the request is answered or has failed. Idempotent. */
  synchronized void release() {
    released = true;
    account.release(Purpose.INBOUND, charged);
    charged = 0;
  }

  private synchronized boolean charge(long bytes) {
    if (!released) {
      if (!account.tryCharge(Purpose.INBOUND, bytes)) {
        return false;
      }
      charged += bytes;
    }
    return true;
  }

  @Override
  public Input getInput() {
    if (input == null) {
      input = new ChargedInput(request.getInput());
    }
    return input;
  }

  @Override
  public String getMethod() {
    return request.getMethod();
  }

  @Override
  public String getProtocol() {
    return request.getProtocol();
  }

  @Override
  public List<String> getParameterValues(String name) {
    return request.getParameterValues(name);
  }

  @Override
  public String getCharacterEncoding() {
    return request.getCharacterEncoding();
  }

  @Override
  public String getCookie(String name) {
    return request.getCookie(name);
  }

  @Override
  public Object getAttribute(String name) {
    return request.getAttribute(name);
  }

  @Override
  public void setAttribute(String name, Object value) {
    request.setAttribute(name, value);
  }

  @Override
  public void addFailureHandler(Consumer<Throwable> handler) {
    request.addFailureHandler(handler);
  }

  private final class ChargedInput implements Input {
    private final Input body;

    ChargedInput(Input body) {
      this.body = body;
    }

    @Override
    public void demand(Runnable demandCallback) {
      body.demand(demandCallback);
    }

    @Override
    public Chunk read() throws IOException {
      Chunk chunk = body.read();
      if (chunk != null && !charge((long) COST * chunk.byteBuffer().remaining())) {
        chunk.release();
        LOG.info("request rejected, no memory for its body account={}", account);
        throw new IOException(BridgeBayeuxServer.NO_MEMORY);
      }
      return chunk;
    }
  }
}
