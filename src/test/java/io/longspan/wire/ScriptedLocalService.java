package io.longspan.wire;

import io.longspan.local.LocalMessage;
import io.longspan.local.LocalParts;
import io.longspan.local.LocalRequest;
import io.longspan.local.LocalService;
import io.longspan.local.LocalTopics;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A local service that does what a test says, by the name that the request was sent to. Each bridge
 * of this JVM has one.
 */
public class ScriptedLocalService implements LocalService {
  /** What a test has a service do. */
  interface Script {
    CompletionStage<LocalMessage> handle(LocalRequest request, LocalParts parts) throws Exception;
  }

  private static final Map<String, Script> SCRIPTS = new ConcurrentHashMap<>();

  /** Those of the bridge that was started last. */
  private static volatile LocalTopics topics;

  /** Sets what happens to requests that are sent to a name that begins with {@code local/}. */
  static void on(String destination, Script script) {
    SCRIPTS.put(destination, script);
  }

  /** Returns the topics of the bridge that was started last. */
  static LocalTopics topics() {
    return topics;
  }

  /** Answers with the body and one property. */
  static CompletionStage<LocalMessage> echo(LocalRequest request, LocalParts parts) {
    return CompletableFuture.completedFuture(
        new LocalMessage(Map.of("echoedUser", request.user()), request.body()));
  }

  @Override
  public String name() {
    return "local";
  }

  @Override
  public void start(LocalTopics given) {
    topics = given;
  }

  @Override
  public CompletionStage<LocalMessage> handle(LocalRequest request, LocalParts parts)
      throws Exception {
    Script script = SCRIPTS.get(request.destination());
    if (script == null) {
      throw new IllegalStateException("no script for " + request.destination());
    }
    return script.handle(request, parts);
  }

  /** The same on the thread of the caller, for names that begin with {@code local/quick/}. */
  public static final class Quick extends ScriptedLocalService {
    @Override
    public String name() {
      return "local/quick";
    }

    @Override
    public void start(LocalTopics given) {}

    @Override
    public boolean mayBlock() {
      return false;
    }
  }
}
