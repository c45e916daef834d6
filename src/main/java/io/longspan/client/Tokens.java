package io.longspan.client;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** The bearer token: fetched, and fetched again before it expires. Used on the loop only. */
final class Tokens {
  private static final double SHARE = 0.2;

  private final Settings settings;
  private final Loop loop;
  private boolean accepted;
  private Instant renewAt = Instant.MAX;
  private String current;

  Tokens(Settings settings, Loop loop) {
    this.settings = settings;
    this.loop = loop;
  }

  /** Returns the token, or null. */
  String current() {
    return current;
  }

  /** Whether a new token may help: not if the bridge rejected one that was just fetched. */
  boolean mayHelp() {
    return accepted && settings.token() != null && !settings.tokenIsFixed();
  }

  void accepted() {
    accepted = true;
  }

  /** Fetches the token, then calls back on the loop, with null or the error. */
  void renew(Consumer<LongspanException> done) {
    if (settings.token() == null) {
      done.accept(null);
      return;
    }
    CompletionStage<String> fetched;
    try {
      fetched = settings.token().get();
    } catch (RuntimeException x) {
      fetched = CompletableFuture.failedFuture(x);
    }
    fetched.whenCompleteAsync(
        (token, failure) -> {
          if (failure != null || token == null) {
            done.accept(new LongspanException.Authentication("No token to be had", failure));
            return;
          }
          current = token;
          accepted = false;
          schedule();
          done.accept(null);
        },
        loop);
  }

  /** Fetches a new token if this one may expire within the time, then calls back on the loop. */
  void renewIfDue(Duration hold, Runnable then) {
    if (Instant.now().plus(hold).isBefore(renewAt)) {
      then.run();
      return;
    }
    renew(
        failure -> {
          if (failure != null) {
            Loop.LOG.log(Level.WARNING, "token", failure);
            schedule();
          }
          then.run();
        });
  }

  private void schedule() {
    Instant expiry = settings.tokenIsFixed() ? Instant.MAX : expiry(current);
    if (expiry.equals(Instant.MAX)) {
      renewAt = Instant.MAX;
      return;
    }
    // Not constantly for a token that lives shorter than a poll is held.
    long left = Duration.between(Instant.now(), expiry).toMillis();
    renewAt = left <= 0 ? Instant.MAX : expiry.minusMillis((long) (left * SHARE));
  }

  /** Returns when a JWT expires; {@code MAX} if it does not say. */
  private static Instant expiry(String token) {
    try {
      String[] parts = token.split("\\.", -1);
      byte[] payload = Base64.getUrlDecoder().decode(parts.length > 1 ? parts[1] : "");
      Object claims = Json.parse(new String(payload, StandardCharsets.UTF_8));
      Object exp = claims instanceof Map<?, ?> map ? map.get("exp") : null;
      return exp instanceof Number seconds
          ? Instant.ofEpochSecond(seconds.longValue())
          : Instant.MAX;
    } catch (IOException | IllegalArgumentException notAJwt) {
      return Instant.MAX;
    }
  }
}
