package io.longspan.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ApplicationThreadsTest {
  private static final Duration LONG = Duration.ofSeconds(50);

  private final URLClassLoader application = new URLClassLoader(new URL[0]);
  private final CountDownLatch end = new CountDownLatch(1);

  @AfterEach
  void stop() throws IOException {
    end.countDown();
    application.close();
  }

  private Thread start(String name, ClassLoader loader) {
    Thread thread =
        new Thread(
            () -> {
              try {
                end.await();
              } catch (InterruptedException x) {
                // It ends.
              }
            },
            name);
    thread.setContextClassLoader(loader);
    thread.start();
    return thread;
  }

  @Test
  void areWaitedFor() {
    Thread library = start("library", application);
    CompletableFuture<?> waiting =
        CompletableFuture.supplyAsync(() -> ApplicationThreads.awaitEnd(application, LONG));
    Awaitility.await().during(Duration.ofMillis(100)).until(() -> !waiting.isDone());

    end.countDown();

    assertThat(waiting.join()).asList().isEmpty();
    assertThat(library.isAlive()).isFalse();
  }

  @Test
  void areNamedIfTheyDoNotEnd() {
    start("second", application);
    start("first", application);

    assertThat(ApplicationThreads.awaitEnd(application, Duration.ZERO))
        .containsExactly("first", "second");
  }

  @Test
  void areNotTheOnesOfOthersAndNotTheCaller() {
    start("other", getClass().getClassLoader());
    Thread caller = Thread.currentThread();
    ClassLoader before = caller.getContextClassLoader();
    caller.setContextClassLoader(application);
    try {
      assertThat(ApplicationThreads.awaitEnd(application, LONG)).isEmpty();
    } finally {
      caller.setContextClassLoader(before);
    }
  }
}
