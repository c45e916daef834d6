package io.longspan.external;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Hashtable;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.spi.InitialContextFactory;
import org.apache.activemq.jndi.ActiveMQInitialContextFactory;

/**
 * A JNDI context of ActiveMQ whose connections follow the rule of IBM MQ: a session with a listener
 * allows no other call, except that its consumer or the session is closed.
 */
public final class StrictContextFactory implements InitialContextFactory {
  private static final Set<String> ALLOWED =
      Set.of("close", "getAcknowledgeMode", "hashCode", "equals", "toString");

  /** The sessions that have a listener, of all connections. */
  private static final Set<Session> LISTENING = ConcurrentHashMap.newKeySet();

  /** Returns how many sessions have a listener now. */
  public static int listening() {
    return LISTENING.size();
  }

  @Override
  public Context getInitialContext(Hashtable<?, ?> environment) throws NamingException {
    @SuppressWarnings("unchecked")
    Hashtable<Object, Object> given = (Hashtable<Object, Object>) environment;
    Context context = new ActiveMQInitialContextFactory().getInitialContext(given);
    return proxy(
        Context.class,
        context,
        result ->
            result instanceof ConnectionFactory factory
                ? proxy(ConnectionFactory.class, factory, StrictContextFactory::connection)
                : result);
  }

  private interface Replacement {
    Object of(Object result);
  }

  private static <T> T proxy(Class<T> type, Object target, Replacement replacement) {
    return type.cast(
        Proxy.newProxyInstance(
            StrictContextFactory.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              try {
                return replacement.of(method.invoke(target, arguments));
              } catch (InvocationTargetException x) {
                throw x.getCause();
              }
            }));
  }

  private static Object connection(Object result) {
    return result instanceof Connection connection
        ? proxy(
            Connection.class,
            connection,
            made -> made instanceof Session session ? strict(session) : made)
        : result;
  }

  private static Session strict(Session session) {
    AtomicBoolean listens = new AtomicBoolean();
    return (Session)
        Proxy.newProxyInstance(
            StrictContextFactory.class.getClassLoader(),
            new Class<?>[] {Session.class},
            (proxy, method, arguments) -> {
              if (listens.get() && !ALLOWED.contains(method.getName())) {
                throw new JMSException(
                    "the call %s is not permitted, the session has a listener"
                        .formatted(method.getName()));
              }
              if (method.getName().equals("close")) {
                LISTENING.remove(session);
              }
              try {
                Object made = method.invoke(session, arguments);
                return made instanceof MessageConsumer consumer
                        && !(made instanceof MessageProducer)
                    ? listened(consumer, session, listens)
                    : made;
              } catch (InvocationTargetException x) {
                throw x.getCause();
              }
            });
  }

  private static MessageConsumer listened(
      MessageConsumer consumer, Session session, AtomicBoolean listens) {
    return (MessageConsumer)
        Proxy.newProxyInstance(
            StrictContextFactory.class.getClassLoader(),
            new Class<?>[] {MessageConsumer.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("setMessageListener")) {
                listens.set(true);
                LISTENING.add(session);
              }
              try {
                return method.invoke(consumer, arguments);
              } catch (InvocationTargetException x) {
                throw x.getCause();
              }
            });
  }
}
