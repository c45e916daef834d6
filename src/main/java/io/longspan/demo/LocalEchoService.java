package io.longspan.demo;

import io.longspan.local.LocalMessage;
import io.longspan.local.LocalParts;
import io.longspan.local.LocalRequest;
import io.longspan.local.LocalService;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The echo of {@link EchoService} inside the bridge's process, without a broker. */
public final class LocalEchoService implements LocalService {
  @Override
  public String name() {
    return "services/local-echo";
  }

  @Override
  public boolean mayBlock() {
    return false;
  }

  @Override
  public CompletionStage<LocalMessage> handle(LocalRequest request, LocalParts parts) {
    Map<String, Object> properties = EchoService.echoed(request.properties());
    properties.put("echoedUser", request.user());
    properties.put("status", "ok");
    return CompletableFuture.completedFuture(new LocalMessage(properties, request.body()));
  }
}
