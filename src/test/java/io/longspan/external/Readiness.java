package io.longspan.external;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;

/** Waits for bridges as load balancers do. */
public final class Readiness {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private Readiness() {}

  /**
   * Waits until a bridge can serve clients.
   *
   * @param base where it is, with a slash at the end
   * @param process the process it runs in, which is ended where it never can
   */
  public static void await(URI base, ChildProcess process) {
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(120))
          .pollInterval(Duration.ofMillis(50))
          .failFast("the process ended", () -> !process.isAlive())
          .until(() -> status(base.resolve("health/ready")) == 200);
    } catch (ConditionTimeoutException | TerminalFailureException x) {
      process.kill();
      throw new AssertionError(base + " did not become ready; " + process.tail(), x);
    }
  }

  /** Returns the status of a GET, or 0 where nobody listens. */
  public static int status(URI uri) throws InterruptedException {
    try {
      return HTTP.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()).statusCode();
    } catch (IOException nobody) {
      return 0;
    }
  }
}
