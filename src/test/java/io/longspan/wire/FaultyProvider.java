package io.longspan.wire;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import javax.naming.Context;
import javax.naming.spi.InitialContextFactory;
import org.apache.activemq.ActiveMQConnectionFactory;

/**
 * A JMS provider that a bridge finds by JNDI: ActiveMQ's, but calls that concern some destinations
 * throw what a provider must not throw, or refuse.
 */
public final class FaultyProvider implements InitialContextFactory {
  /** Part of a destination's name: calls that concern it throw an unchecked exception. */
  static final String BROKEN = "broken";

  /** Part of a destination's name: the broker does not let the bridge use it. */
  static final String FORBIDDEN = "forbidden";

  /** Whether temporary topics cannot be created either. */
  static volatile boolean breaksTemporaryTopics;

  /** Temporary topics are created when this opens. */
  static volatile CountDownLatch temporaryTopics = new CountDownLatch(0);

  private static final Set<Class<?>> WRAPPED =
      Set.of(Connection.class, Session.class, MessageProducer.class);

  /** Returns the settings of a bridge that uses this provider. */
  static Map<String, String> settings(String url) {
    return Map.of(
        "broker.provider",
        "jndi",
        "broker.dialect",
        "activemq",
        "broker.jndi.connectionFactory",
        "ConnectionFactory",
        "broker.jndi.environment",
        "%s=%s,%s=%s"
            .formatted(
                Context.INITIAL_CONTEXT_FACTORY,
                FaultyProvider.class.getName(),
                Context.PROVIDER_URL,
                url));
  }

  @Override
  public Context getInitialContext(Hashtable<?, ?> environment) {
    ActiveMQConnectionFactory real =
        new ActiveMQConnectionFactory((String) environment.get(Context.PROVIDER_URL));
    real.setWatchTopicAdvisories(false);
    ConnectionFactory faulty = wrapped(ConnectionFactory.class, real);
    return proxy(
        Context.class, (method, arguments) -> method.getName().equals("lookup") ? faulty : null);
  }

  private interface Call {
    Object make(java.lang.reflect.Method method, Object[] arguments) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> call.make(method, arguments)));
  }

  private static <T> T wrapped(Class<T> type, Object real) {
    return proxy(
        type,
        (method, arguments) -> {
          String name = method.getName();
          if (name.equals("send") || name.equals("createConsumer")) {
            fail(arguments);
          }
          if (name.equals("createTemporaryTopic")) {
            temporaryTopics.await();
            if (breaksTemporaryTopics) {
              throw new IllegalStateException("injected");
            }
          }
          try {
            Object result = method.invoke(real, arguments);
            return WRAPPED.contains(method.getReturnType())
                ? wrapped(method.getReturnType(), result)
                : result;
          } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
          }
        });
  }

  private static void fail(Object[] arguments) throws JMSSecurityException {
    for (Object each : Arrays.asList(arguments)) {
      if (each instanceof Destination destination) {
        if (destination.toString().contains(BROKEN)) {
          throw new IllegalStateException("injected");
        }
        if (destination.toString().contains(FORBIDDEN)) {
          throw new JMSSecurityException("injected");
        }
      }
    }
  }
}
