package io.longspan.demo;

import jakarta.jms.JMSException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Answers with the body and properties of the request, and the user in {@code echoedUser}. */
final class EchoService implements Service {

  /** Properties by which the bridge identifies the sender; they are not echoed. */
  private static final Set<String> IDENTITY =
      Set.of("runasuser", "bridgeid", "bridgeclientid", "bridgesignature");

  @Override
  public void handle(Request request, Answers answers) throws JMSException {
    if (request.flag("cancel")) {
      return;
    }
    Map<String, Object> properties = echoed(request.properties());
    request.string("runAsUser").ifPresent(user -> properties.put("echoedUser", user));
    if (request.body() instanceof byte[] bytes) {
      answers.bytes(request, bytes, properties);
    } else {
      answers.text(request, request.text(), properties);
    }
  }

  /** Returns a copy without what identifies the sender. */
  static Map<String, Object> echoed(Map<String, Object> properties) {
    Map<String, Object> echoed = new LinkedHashMap<>(properties);
    echoed
        .keySet()
        .removeIf(
            name -> name.startsWith("JMS") || IDENTITY.contains(name.toLowerCase(Locale.ROOT)));
    return echoed;
  }
}
