package io.longspan.jms;

import io.longspan.tls.ClientTls;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.remoting.impl.netty.TransportConstants;
import org.apache.activemq.artemis.core.remoting.impl.ssl.DefaultSSLContextFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.spi.core.remoting.ssl.SSLContextConfig;
import org.apache.activemq.artemis.spi.core.remoting.ssl.SSLContextFactory;

/**
 * Hands an {@code SSLContext} to Artemis' client.
 *
 * <p>The client itself only takes paths of files, and for PEM it registers a security provider for
 * the whole JVM. It finds this class by {@link java.util.ServiceLoader} and asks it for the context
 * of each connection. The context is a parameter of the connection, so nothing here is static, and
 * connections without such a parameter are served as before ({@code docs/decisions/0051}).
 */
public final class ArtemisTls implements SSLContextFactory {
  /** Higher than the priorities of Artemis' own factories. */
  private static final int PRIORITY = 100;

  private final SSLContextFactory standard = new DefaultSSLContextFactory();

  /** Used by {@link java.util.ServiceLoader}. */
  public ArtemisTls() {}

  /** Turns TLS on for all connections of a factory that is not used yet. */
  static void use(ActiveMQConnectionFactory factory, SSLContext context, ClientTls tls) {
    for (TransportConfiguration connector : factory.getStaticConnectors()) {
      Map<String, Object> parameters = connector.getParams();
      parameters.put(TransportConstants.SSL_ENABLED_PROP_NAME, true);
      parameters.put(TransportConstants.VERIFY_HOST_PROP_NAME, tls.verifyHostname());
      parameters.put(TransportConstants.SSL_CONTEXT_PROP_NAME, context);
    }
  }

  /** Called by Artemis' client for each connection with TLS. */
  @Override
  public SSLContext getSSLContext(SSLContextConfig config, Map<String, Object> parameters)
      throws Exception {
    return parameters.get(TransportConstants.SSL_CONTEXT_PROP_NAME) instanceof SSLContext context
        ? context
        : standard.getSSLContext(config, parameters);
  }

  @Override
  public int getPriority() {
    return PRIORITY;
  }
}
