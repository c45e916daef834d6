package io.longspan.client;

import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/**
 * The options of a client, validated.
 *
 * @param threads those of the loop; null: it has its own
 */
record Settings(
    URI endpoint,
    String user,
    String password,
    Supplier<CompletionStage<String>> token,
    boolean tokenIsFixed,
    List<String> transports,
    Map<String, String> headers,
    HttpClient http,
    ScheduledExecutorService threads,
    Executor callbacks,
    Duration requestTimeout,
    Duration connectTimeout,
    Duration controlTimeout,
    Duration webSocketTimeout,
    Duration networkTimeout,
    Duration closeTimeout,
    Duration reconnectInitial,
    Duration reconnectMax) {}
