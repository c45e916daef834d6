package io.longspan.benchmark;

import io.longspan.local.LocalMessage;
import io.longspan.local.LocalParts;
import io.longspan.local.LocalRequest;
import io.longspan.local.LocalService;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The service of W2L, inside the bridge's process: it answers as {@link EchoServiceMain}. */
public final class LocalEcho implements LocalService {
  @Override
  public String name() {
    return "local/echo";
  }

  @Override
  public boolean mayBlock() {
    return false;
  }

  @Override
  public CompletionStage<LocalMessage> handle(LocalRequest request, LocalParts parts) {
    return CompletableFuture.completedFuture(LocalMessage.text(request.text()));
  }
}
