package io.longspan.deploy.other;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Registers the service {@code orders} at the bridge while this application runs. */
public final class Registration implements ServletContextListener {
  private static final String NAME = "io.longspan.local.orders";

  @Override
  public void contextInitialized(ServletContextEvent event) {
    Function<Map<String, Object>, CompletionStage<?>> orders =
        request ->
            CompletableFuture.completedFuture(
                Map.of(
                    "properties",
                    Map.of("status", "ok"),
                    "body",
                    request.get("user") + " ordered " + request.get("body")));
    event.getServletContext().getContext("/longspan").setAttribute(NAME, orders);
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    event.getServletContext().getContext("/longspan").removeAttribute(NAME);
  }
}
