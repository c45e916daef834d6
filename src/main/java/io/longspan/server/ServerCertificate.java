package io.longspan.server;

import io.longspan.concurrent.InternalErrors;
import io.longspan.config.WatchedFile;
import io.longspan.tls.ServerIdentity;
import io.longspan.tls.ServerTls;
import io.longspan.tls.TlsFileException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate of the embedded server. When its files change, new connections use the new
 * certificate and open ones continue. If the new files cannot be used, the old certificate stays.
 *
 * <p>The files are checked periodically on the connector's scheduler.
 */
final class ServerCertificate extends AbstractLifeCycle implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerCertificate.class);

  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final long MAX_BYTES = 4 << 20;

  private final ServerTls files;
  private final WatchedFile certificate;
  private final WatchedFile key;
  private final SslContextFactory.Server contexts = new SslContextFactory.Server();
  private final LongAdder failures = new LongAdder();
  private volatile Instant expires;

  /** Set before the start. */
  private Scheduler scheduler;

  /** What the last check has found; used only by the scheduled task. */
  private State state = State.USED;

  private enum State {
    USED,
    /**
     * Broken once. The two files are not replaced at the same instant, so one check is no proof.
     */
    SUSPECT,
    REPORTED
  }

  private ServerCertificate(ServerTls files) {
    this.files = files;
    this.certificate = new WatchedFile(files.certificate(), MAX_BYTES);
    this.key = new WatchedFile(files.key(), MAX_BYTES);
    contexts.setRenegotiationAllowed(false);
  }

  /**
   * Reads the files.
   *
   * @throws StartException if they cannot be used
   */
  static ServerCertificate of(ServerTls files) throws StartException {
    ServerCertificate created = new ServerCertificate(files);
    try {
      created.changed();
      created.use(files.identity());
    } catch (IOException | TlsFileException | GeneralSecurityException unusable) {
      throw new StartException("http.tls: " + unusable.getMessage(), unusable);
    }
    return created;
  }

  /**
   * Returns the protocol TLS.
   *
   * @param next the protocol inside
   */
  SslConnectionFactory protocol(String next) {
    SslConnectionFactory tls = new SslConnectionFactory(contexts, next);
    // It would compare Host with the certificate's names; the bridge checks Host itself.
    tls.setEnsureSecureRequestCustomizer(false);
    return tls;
  }

  /** Starts to check the files when this is started. */
  ServerCertificate checkedBy(Scheduler other) {
    scheduler = other;
    return this;
  }

  /** Returns when the certificate in use expires, in seconds since 1970. */
  long expires() {
    return expires.getEpochSecond();
  }

  /** Returns how often changed files could not be used. */
  long failures() {
    return failures.sum();
  }

  @Override
  protected void doStart() {
    schedule();
  }

  private void schedule() {
    scheduler.schedule(this, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void run() {
    InternalErrors.guard("the check of http.tls", this::check);
    if (isRunning()) {
      schedule();
    }
  }

  private void check() {
    boolean changed = false;
    try {
      changed = changed();
      if (changed || state != State.USED) {
        use(files.identity());
        state = State.USED;
      }
    } catch (IOException | TlsFileException | GeneralSecurityException broken) {
      if (changed || state == State.USED) {
        state = State.SUSPECT;
      } else if (state == State.SUSPECT) {
        state = State.REPORTED;
        failures.increment();
        LOG.warn(
            "http.tls cannot be used, the certificate before it stays expires={} cause={}",
            expires,
            broken instanceof NoSuchFileException
                ? "no such file: " + broken.getMessage()
                : broken.getMessage());
      }
    }
  }

  /** Returns whether a file has changed since the last call. */
  private boolean changed() throws IOException {
    boolean first = certificate.changed().isPresent();
    return key.changed().isPresent() || first;
  }

  private void use(ServerIdentity identity) throws GeneralSecurityException {
    SSLContext context = identity.context();
    try {
      contexts.reload(factory -> factory.setSslContext(context));
    } catch (Exception failure) {
      throw new GeneralSecurityException(failure.getMessage(), failure);
    }
    expires = identity.expires();
    LOG.info("TLS certificate in use subject={} expires={}", identity.subject(), expires);
  }
}
