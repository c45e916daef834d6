package io.longspan.external.dropin;

import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.spi.InitialContextFactory;
import org.apache.activemq.jndi.ActiveMQInitialContextFactory;

/** Stands for the JMS client of another broker: the WAR does not contain it. */
public final class DroppedInContextFactory implements InitialContextFactory {
  @Override
  @SuppressWarnings("unchecked")
  public Context getInitialContext(Hashtable<?, ?> environment) throws NamingException {
    return new ActiveMQInitialContextFactory()
        .getInitialContext((Hashtable<Object, Object>) environment);
  }
}
