package io.longspan.web;

import io.longspan.config.ConfigException;
import io.longspan.config.ConfigFile;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import io.longspan.security.UserDirectory;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.nio.file.Path;
import java.util.Optional;

/** Starts the bridge with the web application and stops it with it. */
public final class BridgeContextListener implements ServletContextListener {
  /** The context attribute in which the one-command server leaves the configuration. */
  public static final String CONFIG_ATTRIBUTE = "io.longspan.config";

  /** The context attribute in which the one-command server leaves its realm. */
  public static final String USERS_ATTRIBUTE = "io.longspan.users";

  private BridgeRuntime runtime;

  @Override
  public void contextInitialized(ServletContextEvent event) {
    ServletContext context = event.getServletContext();
    Optional<UserDirectory> directory =
        context.getAttribute(USERS_ATTRIBUTE) instanceof UserDirectory users
            ? Optional.of(users)
            : Optional.empty();
    runtime = new BridgeRuntime(config(context), directory);
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
    }
  }
}
