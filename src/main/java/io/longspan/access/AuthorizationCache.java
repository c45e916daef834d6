package io.longspan.access;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import java.util.concurrent.CompletableFuture;

/**
 * Caches the answers of the authorisation service for their {@code ttl}. Identical questions in
 * flight share one request. Safe for use by many threads; bounded.
 */
final class AuthorizationCache {
  private static final int MAX_SIZE = 50_000;

  private final AuthorizationService service;
  private final AsyncCache<AuthorizationService.Question, AuthorizationService.Verdict> verdicts;

  /**
   * Creates an empty cache.
   *
   * @param ticker time in nanoseconds
   */
  AuthorizationCache(AuthorizationService service, Ticker ticker) {
    this.service = service;
    this.verdicts =
        Caffeine.newBuilder()
            .maximumSize(MAX_SIZE)
            .executor(Runnable::run)
            .ticker(ticker)
            .expireAfter(
                Expiry.creating(
                    (AuthorizationService.Question question,
                        AuthorizationService.Verdict verdict) -> verdict.ttl()))
            .buildAsync();
  }

  /**
   * Returns a cached answer, or asks the service. Does not block. The stage never fails.
   *
   * @param confirmation true to confirm a right that the user already has
   */
  CompletableFuture<AuthorizationService.Verdict> get(
      AuthorizationService.Question question, boolean confirmation) {
    return verdicts.get(
        question,
        (asked, executor) ->
            service
                .ask(asked, confirmation)
                .exceptionally(failure -> AuthorizationService.Verdict.NONE)
                .toCompletableFuture());
  }

  /** Returns whether a question waits for capacity of the bridge. */
  boolean isHeldUp(AuthorizationService.Question question) {
    return service.isHeldUp(question);
  }

  /** Removes the answers that a change affects, including those of questions in flight. */
  void forget(RightsChange change) {
    verdicts
        .asMap()
        .keySet()
        .removeIf(question -> change.affects(question.identity(), question.name()));
  }
}
