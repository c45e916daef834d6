package io.longspan.security;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import java.util.concurrent.CompletableFuture;

/**
 * Remembers what the authorisation service answered for as long as it said, and asks the same
 * question only once at a time. Safe for use by many threads; bounded.
 */
final class AuthorizationCache {
  private static final int MOST = 50_000;

  private final AuthorizationService service;
  private final AsyncCache<AuthorizationService.Question, AuthorizationService.Verdict> verdicts;

  /**
   * Creates an empty cache.
   *
   * @param ticker tells the time in nanoseconds
   */
  AuthorizationCache(AuthorizationService service, Ticker ticker) {
    this.service = service;
    this.verdicts =
        Caffeine.newBuilder()
            .maximumSize(MOST)
            .executor(Runnable::run)
            .ticker(ticker)
            .expireAfter(
                Expiry.creating(
                    (AuthorizationService.Question question,
                        AuthorizationService.Verdict verdict) -> verdict.ttl()))
            .buildAsync();
  }

  /**
   * Answers from memory, or asks; does not block. The stage never fails.
   *
   * @param confirmation whether a right is confirmed that the user has already
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

  /** Returns whether a question has no answer yet for want of capacity. */
  boolean isHeldUp(AuthorizationService.Question question) {
    return service.isHeldUp(question);
  }

  /** Forgets what a change concerns, questions that are being asked included. */
  void forget(RightsChange change) {
    verdicts
        .asMap()
        .keySet()
        .removeIf(question -> change.affects(question.identity(), question.name()));
  }
}
