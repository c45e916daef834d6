package io.longspan.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.MessageBroker;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import org.junit.jupiter.api.Test;

final class TracedBrokerTest {
  /** Otherwise a method with a default would silently not be the broker's. */
  @Test
  void everyMethodOfABrokerIsPassedOn() throws Exception {
    for (Method method : MessageBroker.class.getDeclaredMethods()) {
      if (!Modifier.isStatic(method.getModifiers()) && !method.isSynthetic()) {
        assertThat(
                TracedBroker.class
                    .getMethod(method.getName(), method.getParameterTypes())
                    .getDeclaringClass())
            .as(method.toString())
            .isEqualTo(TracedBroker.class);
      }
    }
  }
}
