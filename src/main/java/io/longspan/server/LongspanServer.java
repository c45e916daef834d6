package io.longspan.server;

import io.longspan.config.ConfigException;
import io.longspan.config.LongspanConfig;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.demo.LocalEchoService;
import io.longspan.logging.JsonLog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one-command server: broker, demo services and web server. They start in this order and stop
 * in reverse.
 */
public final class LongspanServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LongspanServer.class);

  /** The memory of the embedded broker is {@code limits.totalBytes} divided by this. */
  private static final int EMBEDDED_BROKER_PART = 2;

  /** Started parts, newest first; used by one thread, like {@link #web}. */
  private final Deque<AutoCloseable> running = new ArrayDeque<>();

  /** Binds first, so that a port in use is reported at once; serves last and stops first. */
  private WebServer web;

  private LongspanServer() {}

  /**
   * Starts the server; blocks until it can serve clients.
   *
   * @param config configuration of all parts
   * @param war folder of the unpacked WAR
   * @param demo starts the demo services
   * @throws ConfigException if the configuration is unusable
   * @throws StartException if anything else prevents the start
   */
  public static LongspanServer start(LongspanConfig config, Path war, DemoServicesFactory demo)
      throws StartException {
    JsonLog.useIfConfigured(config);
    LongspanServer server = new LongspanServer();
    boolean started = false;
    try {
      server.startParts(config, war, demo);
      started = true;
      return server;
    } catch (StartException prevented) {
      throw prevented;
    } catch (Exception failure) {
      Optional<ConfigException> wrong = configurationError(failure);
      if (wrong.isPresent()) {
        throw wrong.get();
      }
      LOG.error("Cannot start", failure);
      throw new StartException("cannot start: " + failure, failure);
    } finally {
      if (!started) {
        server.close();
      }
    }
  }

  /** Returns the URL of the application, with the actual port. */
  public String address() {
    return web.address();
  }

  /**
   * Returns whether an HTTP thread takes a task in time; blocks for that time at most. Any thread.
   *
   * @param patience how long to wait
   */
  public boolean isResponsive(Duration patience) throws InterruptedException {
    return web.isResponsive(patience);
  }

  /** Stops all started parts; blocks until they have stopped. Idempotent. */
  @Override
  public void close() {
    if (web != null) {
      close(web);
    }
    while (!running.isEmpty()) {
      close(running.pop());
    }
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception failure) {
      LOG.warn("{} did not stop cleanly", part.getClass().getSimpleName(), failure);
    }
  }

  private void startParts(LongspanConfig config, Path war, DemoServicesFactory demo)
      throws Exception {
    UserAccounts users = UserAccounts.of(config);
    web = WebServer.bind(config);
    warnOfPublicPasswords(config);
    WarmUp.run(
        config.server().warmUp(),
        config.broker().provider(),
        war.toRealPath(),
        LongspanServer.class.getClassLoader());
    CompressedFiles.write(war.toRealPath());
    LongspanConfig connected = config.withBroker(startBroker(config));
    WebApplication application =
        new WebApplication(
            war.toRealPath(), connected, users, LongspanServer.class.getClassLoader());
    if (UserAccounts.runsDemo(config)) {
      running.push(demo.start(connected.broker()));
      application.register(new LocalEchoService());
    }
    web.serve(application);
  }

  /**
   * Finds a configuration error among the causes, because Jetty wraps exceptions of the
   * application.
   */
  private static Optional<ConfigException> configurationError(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .filter(ConfigException.class::isInstance)
        .map(ConfigException.class::cast)
        .findFirst();
  }

  private LongspanConfig.Broker startBroker(LongspanConfig config) throws Exception {
    LongspanConfig.Broker broker = config.broker();
    if (broker.provider() != Provider.EMBEDDED) {
      return broker;
    }
    EmbeddedBroker embedded =
        EmbeddedBroker.start(config.limits().totalBytes() / EMBEDDED_BROKER_PART);
    running.push(embedded);
    return broker.withUrl(embedded.url());
  }

  private void warnOfPublicPasswords(LongspanConfig config) {
    if (config.users().isEmpty() && !web.isLocal()) {
      LOG.warn(
          "Anybody can sign in from other machines, because the passwords of the demo's users are"
              + " public: set users, or set http.host to 127.0.0.1");
    }
  }
}
