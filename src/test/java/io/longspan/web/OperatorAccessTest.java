package io.longspan.web;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

/** The check of the operator endpoints stands by itself. */
final class OperatorAccessTest {

  @Test
  void aRequestThatTheAuthenticationFilterHasNotSeenComesFromNobody() {
    HttpServletRequest request =
        (HttpServletRequest)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {HttpServletRequest.class},
                (proxy, method, arguments) -> method.getName().equals("getMethod") ? "GET" : null);
    assertThat(OperatorAccess.refusal(request)).contains(OperatorAccess.Refusal.NOBODY);
  }
}
