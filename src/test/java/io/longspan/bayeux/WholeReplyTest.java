package io.longspan.bayeux;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.Allocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.cometd.bayeux.Promise;
import org.cometd.server.CometDResponse;
import org.junit.jupiter.api.Test;

final class WholeReplyTest {
  private final List<String> whole = new ArrayList<>();
  private final Streamed streamed = new Streamed();
  private final WholeReply reply = new WholeReply(streamed, this::set);

  private void set(byte[] bytes, int length) {
    whole.add(new String(bytes, 0, length, StandardCharsets.UTF_8));
  }

  /** CometD's response; its writes end when the test says so. */
  private static final class Streamed implements CometDResponse, CometDResponse.Output {
    private final List<String> written = new ArrayList<>();
    private final List<Boolean> last = new ArrayList<>();
    private final List<Promise<Void>> pending = new ArrayList<>();

    @Override
    public void addHeader(String name, String value) {
      written.add(name + ": " + value);
    }

    @Override
    public void setContentType(String contentType) {
      written.add(contentType);
    }

    @Override
    public Output getOutput() {
      return this;
    }

    @Override
    public void write(boolean isLast, byte[] bytes, Promise<Void> promise) {
      written.add(new String(bytes, StandardCharsets.UTF_8));
      last.add(isLast);
      pending.add(promise);
    }
  }

  private CompletableFuture<Void> write(boolean last, String text) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    reply
        .getOutput()
        .write(
            last,
            text.getBytes(StandardCharsets.UTF_8),
            Promise.from(done::complete, done::completeExceptionally));
    return done;
  }

  @Test
  void aBodyIsHandedOverOnceWhenItIsComplete() {
    assertThat(write(false, "[")).isCompleted();
    assertThat(write(false, "{\"a\":\"ü\"}")).isCompleted();
    assertThat(write(false, "x".repeat(5_000))).isCompleted();
    assertThat(whole).isEmpty();
    assertThat(write(true, "]")).isCompleted();
    assertThat(whole).containsExactly("[{\"a\":\"ü\"}" + "x".repeat(5_000) + "]");
    assertThat(streamed.written).isEmpty();
  }

  @Test
  void theLargestBodyIsStillWholeAndALargerOneIsStreamed() {
    write(false, "x".repeat(WholeReply.MAX_BYTES - 1));
    write(true, "]");
    assertThat(whole).hasSize(1);
    WholeReplyTest larger = new WholeReplyTest();
    larger.write(false, "x".repeat(WholeReply.MAX_BYTES));
    larger.write(true, "]");
    assertThat(larger.whole).isEmpty();
    assertThat(larger.streamed.written).hasSize(1);
  }

  @Test
  void aLargeBodyIsStreamedInItsOrderAndWaitsForEachWrite() {
    String large = "y".repeat(WholeReply.MAX_BYTES);
    write(false, "[");
    CompletableFuture<Void> second = write(false, large);
    assertThat(streamed.written).containsExactly("[");
    streamed.pending.get(0).succeed(null);
    assertThat(streamed.written).containsExactly("[", large);
    assertThat(second).isNotDone();
    streamed.pending.get(1).succeed(null);
    assertThat(second).isCompleted();
    CompletableFuture<Void> end = write(true, "]");
    streamed.pending.get(2).fail(new IOException("closed"));
    assertThat(end).isCompletedExceptionally();
    assertThat(streamed.last).containsExactly(false, false, true);
    assertThat(whole).isEmpty();
  }

  @Test
  void theClientHasGoneBeforeTheBody() {
    WholeReply broken =
        new WholeReply(
            streamed,
            (bytes, length) -> {
              throw new IOException("closed");
            });
    CompletableFuture<Void> done = new CompletableFuture<>();
    broken.write(true, new byte[] {'['}, Promise.from(done::complete, done::completeExceptionally));
    assertThat(done).isCompletedExceptionally();
  }

  @Test
  void headersGoToTheResponse() {
    reply.addHeader("Set-Cookie", "a=b");
    reply.setContentType("application/json");
    assertThat(streamed.written).containsExactly("Set-Cookie: a=b", "application/json");
  }

  /** A reply with one message of half a kilobyte: its body and the copies while it grows. */
  @Test
  void collectingAReplyAllocatesTwiceItsBody() {
    byte[] message = new byte[600];
    byte[] bracket = {'['};
    Promise<Void> done = new Promise<>() {};
    assertThat(
            Allocation.bytesPerCall(
                () -> {
                  WholeReply one = new WholeReply(streamed, (bytes, length) -> {});
                  one.write(false, bracket, done);
                  one.write(false, message, done);
                  one.write(true, bracket, done);
                }))
        .isBetween(600L, 1_700L);
  }
}
