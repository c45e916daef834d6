package io.longspan.identity;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSet;
import io.longspan.concurrent.DaemonThreads;
import io.longspan.config.Secrets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys at a JWKS URL. A thread of their own fetches them every five minutes. An unknown key id
 * triggers an earlier fetch, at most one every ten seconds. A failed fetch is repeated after ten
 * seconds. Keys stay in force for one hour after the last successful fetch.
 *
 * <p>A request with an unknown key id waits up to three seconds for the fetch in progress. At most
 * {@link TokenVerifier#MAX_WAITING} requests wait, so made-up key ids cannot use up the request
 * threads. The JOSE library's remote key source keeps neither bound ({@code docs/decisions/0040}).
 */
final class UrlTokenKeys implements TokenKeys {
  private static final Logger LOG = LoggerFactory.getLogger(UrlTokenKeys.class);

  private static final long PERIOD = TimeUnit.MINUTES.toNanos(5);
  private static final long MIN_PERIOD = TimeUnit.SECONDS.toNanos(10);
  private static final long STALE_AFTER = TimeUnit.HOURS.toNanos(1);
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(3);
  private static final Duration END_PATIENCE = Duration.ofSeconds(1);
  private static final int IO_MILLIS = 3_000;
  private static final long DEADLINE = TimeUnit.SECONDS.toNanos(10);

  private final URI url;
  private final String shownUrl;
  private final LongAdder failures = new LongAdder();
  private final LongSupplier nanos;
  private final long patience;
  private final DaemonThreads threads = new DaemonThreads("longspan-token-keys");
  private final ExecutorService fetcher;
  private final Semaphore mayWait = new Semaphore(TokenVerifier.MAX_WAITING);
  private volatile JWKSet keys = new JWKSet();

  /** Guarded by this, like the other mutable state below. */
  private long lastAttempt;

  private long lastSuccess;
  private boolean failed;
  private CountDownLatch fetching = new CountDownLatch(0);

  /**
   * Connection that waits for the response head; written by the fetching thread. While it reads the
   * body, that thread checks the deadline itself, because closing a stream during a read can block.
   */
  private volatile HttpURLConnection open;

  UrlTokenKeys(URI url) {
    this(url, System::nanoTime, PATIENCE);
  }

  /**
   * Starts the first fetch.
   *
   * @param nanos monotonic time in nanoseconds
   * @param patience how long a request waits for a fetch, in nanoseconds
   */
  UrlTokenKeys(URI url, LongSupplier nanos, long patience) {
    this.url = url;
    this.shownUrl = Secrets.masked(url.toString());
    this.nanos = nanos;
    this.patience = patience;
    ThreadPoolExecutor single =
        new ThreadPoolExecutor(1, 1, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(1), threads);
    single.allowCoreThreadTimeOut(true);
    this.fetcher = single;
    begin(nanos.getAsLong());
  }

  @Override
  public List<JWK> matching(JWKMatcher matcher) {
    List<JWK> known = TokenKeys.select(keys, matcher);
    if (!known.isEmpty()) {
      return known;
    }
    CountDownLatch fetch;
    synchronized (this) {
      long now = nanos.getAsLong();
      if (fetching.getCount() == 0 && now - lastAttempt > MIN_PERIOD) {
        begin(now);
      }
      fetch = fetching;
    }
    if (fetch.getCount() > 0 && mayWait.tryAcquire()) {
      try {
        if (!fetch.await(patience, TimeUnit.NANOSECONDS)) {
          LOG.warn("token keys not fetched in time, the token is rejected url={}", shownUrl);
        }
      } catch (InterruptedException x) {
        Thread.currentThread().interrupt();
      } finally {
        mayWait.release();
      }
    }
    return TokenKeys.select(keys, matcher);
  }

  @Override
  public void refresh() {
    if (isLate(nanos.getAsLong())) {
      abandonFetch();
    }
  }

  private void abandonFetch() {
    HttpURLConnection fetch = open;
    if (fetch != null) {
      fetch.disconnect();
    }
  }

  /** Starts a fetch that is due. Returns whether the fetch in progress is past its deadline. */
  private synchronized boolean isLate(long now) {
    if (keys.size() > 0 && now - lastSuccess > STALE_AFTER) {
      LOG.error("token keys are out of date, every token is rejected url={}", shownUrl);
      keys = new JWKSet();
    }
    if (fetching.getCount() == 0) {
      if (now - lastAttempt > (failed ? MIN_PERIOD : PERIOD)) {
        begin(now);
      }
      return false;
    }
    return now - lastAttempt > DEADLINE;
  }

  private synchronized void begin(long now) {
    lastAttempt = now;
    CountDownLatch done = new CountDownLatch(1);
    fetching = done;
    fetcher.execute(
        () -> {
          try {
            JWKSet fetched = fetch();
            succeeded(fetched);
          } catch (IOException | ParseException | RuntimeException x) {
            failed(x);
          } finally {
            done.countDown();
          }
        });
  }

  private synchronized void succeeded(JWKSet fetched) {
    keys = fetched;
    failed = false;
    lastSuccess = nanos.getAsLong();
    LOG.info("token keys fetched url={} keys={}", shownUrl, fetched.size());
  }

  @Override
  public long failures() {
    return failures.sum();
  }

  private synchronized void failed(Exception why) {
    failed = true;
    failures.increment();
    LOG.warn(
        "token keys not fetched, the bridge retries url={}: {}",
        shownUrl,
        Secrets.masked(why.toString()));
  }

  /** Fetches the keys on the fetching thread, bounded in time and size. Follows no redirect. */
  private JWKSet fetch() throws IOException, ParseException {
    HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
    open = connection;
    try {
      connection.setConnectTimeout(IO_MILLIS);
      connection.setReadTimeout(IO_MILLIS);
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      connection.setRequestProperty("Accept", "application/json");
      int status = connection.getResponseCode();
      open = null;
      if (status != HttpURLConnection.HTTP_OK) {
        throw new IOException("HTTP " + status);
      }
      try (InputStream body = connection.getInputStream()) {
        return TokenKeys.parse(read(body));
      }
    } finally {
      open = null;
      connection.disconnect();
    }
  }

  private String read(InputStream body) throws IOException {
    long begun = nanos.getAsLong();
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
      text.write(buffer, 0, n);
      if (text.size() > MAX_BYTES || nanos.getAsLong() - begun > DEADLINE) {
        throw new IOException("the response is too large or too slow");
      }
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    fetcher.shutdownNow();
    abandonFetch();
    threads.awaitEnd(END_PATIENCE);
  }
}
