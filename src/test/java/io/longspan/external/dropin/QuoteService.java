package io.longspan.external.dropin;

import io.longspan.local.LocalMessage;
import io.longspan.local.LocalParts;
import io.longspan.local.LocalRequest;
import io.longspan.local.LocalService;
import io.longspan.local.LocalTopics;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps the last price of each symbol, and publishes each change. */
public final class QuoteService implements LocalService {
  private final Map<String, String> prices = new ConcurrentHashMap<>();
  private LocalTopics topics;

  @Override
  public String name() {
    return "quotes";
  }

  /** It only looks into a map, so it needs no thread of its own. */
  @Override
  public boolean mayBlock() {
    return false;
  }

  @Override
  public void start(LocalTopics given) {
    topics = given;
  }

  @Override
  public CompletionStage<LocalMessage> handle(LocalRequest request, LocalParts parts) {
    return CompletableFuture.completedFuture(
        switch (request.destination()) {
          case "quotes/set" -> set(request);
          case "quotes/list" -> list(request, parts);
          default -> LocalMessage.text("").with("status", "unknown");
        });
  }

  private LocalMessage set(LocalRequest request) {
    String symbol = (String) request.properties().get("symbol");
    prices.put(symbol, request.text());
    topics.publish(
        "prices/" + symbol, LocalMessage.text(request.text()).with("by", request.user()));
    return LocalMessage.text("").with("status", "ok");
  }

  /** One part for each symbol; the last one ends the answer. */
  private LocalMessage list(LocalRequest request, LocalParts parts) {
    for (Map.Entry<String, String> price : prices.entrySet()) {
      if (!parts.send(LocalMessage.text(price.getValue()).with("symbol", price.getKey()))) {
        break; // the client has cancelled, or has gone
      }
    }
    return LocalMessage.text("").with("status", "ok").with("symbols", prices.size());
  }
}
