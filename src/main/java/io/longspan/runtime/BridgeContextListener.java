package io.longspan.runtime;

import io.longspan.concurrent.ApplicationThreads;
import io.longspan.config.ConfigException;
import io.longspan.config.ConfigFile;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import io.longspan.identity.UserDirectory;
import io.longspan.logging.JsonLog;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts and stops the bridge with the web application.
 *
 * <p>In {@code java -jar} mode the configuration and the realm are context attributes. In a
 * container the configuration is a file, named by a system property, an environment variable or a
 * context parameter.
 */
public final class BridgeContextListener implements ServletContextListener {
  /** Context attribute of the configuration, set by the embedded server. */
  public static final String CONFIG_ATTRIBUTE = "io.longspan.config";

  /** Context attribute of the realm, set by the embedded server. */
  public static final String USERS_ATTRIBUTE = "io.longspan.users";

  private static final Logger LOG = LoggerFactory.getLogger(BridgeContextListener.class);

  private static final Duration LIBRARY_PATIENCE = Duration.ofSeconds(5);

  private BridgeRuntime runtime;

  @Override
  public void contextInitialized(ServletContextEvent event) {
    ServletContext context = event.getServletContext();
    Optional<UserDirectory> directory =
        context.getAttribute(USERS_ATTRIBUTE) instanceof UserDirectory users
            ? Optional.of(users)
            : Optional.empty();
    LongspanConfig config = config(context);
    JsonLog.useIfConfigured(config);
    runtime = new BridgeRuntime(config, directory, context::getAttribute);
    runtime.publish(context);
  }

  private static LongspanConfig config(ServletContext context) {
    if (context.getAttribute(CONFIG_ATTRIBUTE) instanceof LongspanConfig config) {
      return config;
    }
    Optional<Path> file =
        ConfigFile.named(ConfigLoader.systemProperties(), System.getenv())
            .or(
                () ->
                    Optional.ofNullable(context.getInitParameter(ConfigFile.SYSTEM_PROPERTY))
                        .map(Path::of));
    LongspanConfig config = ConfigLoader.load(file);
    if (config.broker().provider() == LongspanConfig.Provider.EMBEDDED) {
      throw new ConfigException(
          "broker.provider: embedded works only with java -jar; a deployed bridge needs a"
              + " configuration that names its broker, by the system property longspan.config, the"
              + " environment variable LONGSPAN_CONFIG or the context parameter longspan.config");
    }
    return config;
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    if (runtime != null) {
      runtime.close();
      if (event.getServletContext().getAttribute(CONFIG_ATTRIBUTE) == null) {
        awaitThreads(event.getServletContext());
      }
    }
  }

  /**
   * Waits for the threads of the JMS client, which end a moment after its connection. The client of
   * Artemis keeps its threads for the life of the process.
   */
  private void awaitThreads(ServletContext context) {
    if (runtime.config().broker().provider() == LongspanConfig.Provider.ARTEMIS) {
      return;
    }
    List<String> running = ApplicationThreads.awaitEnd(context.getClassLoader(), LIBRARY_PATIENCE);
    if (!running.isEmpty()) {
      LOG.warn(
          "threads of libraries have not ended in time bridge={} threads={}",
          runtime.config().bridge().id(),
          running);
    }
  }
}
