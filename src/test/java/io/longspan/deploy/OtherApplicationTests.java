package io.longspan.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.deploy.other.Registration;
import io.longspan.external.BridgeFiles;
import io.longspan.wire.RawBayeuxClient;
import io.longspan.wire.TestBridge;
import io.longspan.wire.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A bridge without a broker in a container, and beside it another web application whose service
 * clients call.
 */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(120)
abstract class OtherApplicationTests {
  private static final String CATALOGUE =
      """
      destinations:
        - {name: orders, kind: local, send: [trader]}
      """;

  private static final String WEB_XML =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
        <listener><listener-class>%s</listener-class></listener>
      </web-app>
      """;

  private Container container;

  abstract Container deploy(Path config) throws IOException;

  @BeforeAll
  void start() throws IOException {
    container =
        deploy(
            BridgeFiles.write(
                "beside", Map.of("broker.provider", "none"), CATALOGUE, TestBridge.USERS));
  }

  @AfterAll
  void stop() {
    if (container != null) {
      container.stop();
      assertThat(container.log()).contains("bridge stopped bridge=beside");
    }
  }

  /** Writes the other application into a folder that does not exist yet. */
  static void write(Path folder) throws IOException {
    Path type =
        folder
            .resolve("WEB-INF/classes")
            .resolve(Registration.class.getName().replace('.', '/') + ".class");
    Files.createDirectories(type.getParent());
    try (InputStream bytes = Registration.class.getResourceAsStream("Registration.class")) {
      Files.copy(bytes, type);
    }
    Files.writeString(
        folder.resolve("WEB-INF/web.xml"), WEB_XML.formatted(Registration.class.getName()));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void clientsCallTheServiceOfTheOtherApplication(Transport transport) {
    try (RawBayeuxClient alice =
            transport.client(container.base().resolve("cometd"), "alice", "alice").connected();
        RawBayeuxClient bob =
            transport.client(container.base().resolve("cometd"), "bob", "bob").connected()) {
      assertThat(alice.send("orders", Map.of("JMSCorrelationID", "1"), "tea"))
          .containsEntry("successful", true);
      Map<String, Object> answer = alice.awaitAnswer("1");
      assertThat(answer).containsEntry("body", "alice ordered tea");
      assertThat(RawBayeuxClient.properties(answer)).containsEntry("status", "ok");
      assertThat(bob.send("orders", Map.of(), "tea").get("error"))
          .asString()
          .startsWith("notAuthorized:");
    }
  }
}
