package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

final class RabbitMqChannelTest {

  /** A channel whose connection is lost. */
  private static Channel closed() {
    ShutdownSignalException lost = new ShutdownSignalException(true, false, null, null);
    return (Channel)
        Proxy.newProxyInstance(
            Channel.class.getClassLoader(),
            new Class<?>[] {Channel.class},
            (proxy, method, arguments) -> {
              switch (method.getName()) {
                case "addShutdownListener" -> {
                  return null;
                }
                case "getCloseReason" -> {
                  return lost;
                }
                default -> throw new AlreadyClosedException(lost);
              }
            });
  }

  /** The unchecked exception of the client would count as a failure of the bridge. */
  @Test
  void theEndOfAChannelIsAConnectionFault() {
    Channel channel = new RabbitMqChannel(closed(), new RabbitMqConnection()).observed();
    assertThatThrownBy(() -> channel.exchangeDeclare("jms.durable.topic", "topic", true))
        .isInstanceOf(IOException.class)
        .matches(JmsErrors::isConnectionFault);
  }
}
