package io.longspan.bayeux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.cometd.bayeux.Promise;
import org.junit.jupiter.api.Test;

final class FrameWriterTest {
  private final List<String> sent = new ArrayList<>();
  private final List<WebSocketOutput.Writing> unfinished = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();
  private final AtomicInteger done = new AtomicInteger();
  private boolean slow;
  private final FrameWriter writer =
      new FrameWriter(
          (text, promise) -> {
            sent.add(text.toString());
            if (slow) {
              unfinished.add(promise);
            } else {
              promise.succeeded();
            }
          },
          failures::add);

  private Promise<Void> counted() {
    return Promise.from(result -> done.incrementAndGet(), failures::add);
  }

  private void write(String text) {
    writer.write(FrameText.of(text), counted());
  }

  private void finish() {
    unfinished.remove(0).succeeded();
  }

  private static void onAnotherThread(Runnable action) {
    Thread other = new Thread(action);
    other.start();
    try {
      other.join();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  @Test
  void aTextIsWrittenAtOnceIfNothingIsCollected() {
    write("[1]");
    assertThat(sent).containsExactly("[1]");
    assertThat(done).hasValue(1);
  }

  @Test
  void collectedTextsAreOneMessage() {
    writer.collect(
        () -> {
          write("[1,2]");
          writer.collect(() -> write("[3]"));
          assertThat(writer.hasCollected()).isTrue();
          write("[4]");
          assertThat(sent).isEmpty();
        });
    assertThat(sent).containsExactly("[1,2,3,4]");
    assertThat(done).hasValue(3);
    assertThat(writer.hasCollected()).isFalse();
  }

  @Test
  void aLargeTextIsWrittenAloneAndAfterWhatWasCollectedBefore() {
    String large = "[\"" + "x".repeat(FrameWriter.MAX_JOINED_CHARS) + "\"]";
    writer.collect(
        () -> {
          write("[1]");
          write(large);
          write("[2]");
        });
    assertThat(sent).containsExactly("[1]", large, "[2]");
  }

  @Test
  void joinedTextsAreBounded() {
    String half = "[\"" + "x".repeat(FrameWriter.MAX_JOINED_CHARS / 2) + "\"]";
    writer.collect(
        () -> {
          write(half);
          write(half);
        });
    assertThat(sent).containsExactly(half, half);
  }

  @Test
  void nothingIsWrittenWhileTheSocketIsBusy() {
    slow = true;
    AtomicInteger written = new AtomicInteger();
    writer.collect(
        () -> {
          write("[1]");
          writer.afterWritten(written::incrementAndGet);
        });
    writer.collect(() -> write("[2]"));
    assertThat(sent).containsExactly("[1]");
    assertThat(written).hasValue(0);
    assertThat(done).as("the second text waits, so its writer waits too").hasValue(1);
    finish();
    assertThat(written).hasValue(1);
    assertThat(sent).containsExactly("[1]", "[2]");
    finish();
    assertThat(done).hasValue(2);
  }

  @Test
  void anotherThreadWritesAfterWhatWasCollected() {
    writer.collect(
        () -> {
          write("[1]");
          onAnotherThread(() -> write("[2]"));
          assertThat(sent).isEmpty();
        });
    assertThat(sent).containsExactly("[1]", "[2]");
    assertThat(done).hasValue(2);
  }

  @Test
  void anotherThreadNeedNotWaitForACollectorWithoutTexts() {
    writer.collect(
        () -> {
          onAnotherThread(() -> writer.collect(() -> write("[1]")));
          assertThat(sent).containsExactly("[1]");
        });
  }

  @Test
  void aJoinedTextThatCannotBeWrittenIsReported() {
    slow = true;
    writer.collect(() -> write("[1]"));
    unfinished.remove(0).failed(new IOException("broken"));
    assertThat(failures).hasSize(1);
    FrameWriter broken =
        new FrameWriter(
            (text, promise) -> {
              throw new IllegalStateException("closed");
            },
            failures::add);
    broken.collect(() -> broken.write(FrameText.of("[1]"), counted()));
    assertThat(failures).hasSize(2);
  }
}
