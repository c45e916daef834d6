package io.longspan.external;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Kubernetes manifests of {@code deploy/kubernetes} and the compose file, which nothing here
 * can run: that they are complete, fit each other, and hold what they promise.
 */
final class DeploymentFilesTest {
  private static final Path KUBERNETES = Path.of("deploy", "kubernetes");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private static List<JsonNode> objects() throws IOException {
    List<JsonNode> objects = new ArrayList<>();
    try (Stream<Path> files = Files.list(KUBERNETES)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
        try (YAMLParser parser = new YAMLFactory().createParser(file.toFile());
            MappingIterator<JsonNode> documents =
                YAML.readerFor(JsonNode.class).readValues(parser)) {
          documents.forEachRemaining(objects::add);
        }
      }
    }
    return objects;
  }

  private static List<JsonNode> ofKind(String kind) throws IOException {
    return objects().stream().filter(o -> o.path("kind").asText().equals(kind)).toList();
  }

  private static JsonNode named(String kind, String name) throws IOException {
    return ofKind(kind).stream()
        .filter(o -> o.at("/metadata/name").asText().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + kind + " " + name));
  }

  private static List<JsonNode> pods() throws IOException {
    return objects().stream().map(o -> o.at("/spec/template")).filter(t -> t.isObject()).toList();
  }

  @Test
  void eachObjectHasAnApiANameAndTheLabelsOfTheProduct() throws IOException {
    Set<String> names = new HashSet<>();
    for (JsonNode object : objects()) {
      String kind = object.path("kind").asText();
      assertThat(object.path("apiVersion").asText())
          .as(kind)
          .isEqualTo(
              switch (kind) {
                case "StatefulSet", "Deployment" -> "apps/v1";
                case "Service", "ConfigMap" -> "v1";
                case "PodDisruptionBudget" -> "policy/v1";
                case "NetworkPolicy" -> "networking.k8s.io/v1";
                default -> throw new AssertionError("kind " + kind);
              });
      assertThat(names.add(kind + "/" + object.at("/metadata/name").asText())).isTrue();
      assertThat(object.at("/metadata/labels/app.kubernetes.io~1name").asText())
          .isEqualTo("longspan");
    }
  }

  @Test
  void podsHaveNoRightsAndNoServiceLinks() throws IOException {
    assertThat(pods()).hasSize(2);
    for (JsonNode pod : pods()) {
      JsonNode spec = pod.path("spec");
      assertThat(spec.path("enableServiceLinks").asBoolean(true)).isFalse();
      assertThat(spec.path("automountServiceAccountToken").asBoolean(true)).isFalse();
      assertThat(spec.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
      assertThat(spec.at("/securityContext/seccompProfile/type").asText())
          .isEqualTo("RuntimeDefault");
      JsonNode container = spec.at("/containers/0");
      JsonNode security = container.path("securityContext");
      assertThat(security.path("readOnlyRootFilesystem").asBoolean()).isTrue();
      assertThat(security.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
      assertThat(security.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
      assertThat(container.at("/resources/limits/memory").asText()).isNotEmpty();
      assertThat(container.path("readinessProbe").isObject()).isTrue();
      assertThat(container.path("livenessProbe").isObject()).isTrue();
      Set<String> volumes = new HashSet<>(spec.path("volumes").findValuesAsText("name"));
      container
          .path("volumeMounts")
          .forEach(mount -> assertThat(volumes).contains(mount.path("name").asText()));
    }
  }

  @Test
  void selectorsFindTheirPods() throws IOException {
    for (JsonNode object : objects()) {
      JsonNode labels = object.at("/spec/selector/matchLabels");
      if (labels.isObject()) {
        assertThat(pods().stream().map(pod -> pod.at("/metadata/labels"))).contains(labels);
      }
    }
  }

  @Test
  void bridgesHaveTheNamesThatTheProxyKnows() throws IOException {
    JsonNode bridges = named("StatefulSet", "bridge");
    int first = bridges.at("/spec/ordinals/start").asInt();
    String recipe = Files.readString(Path.of("deploy", "proxies", "haproxy.cfg"));
    for (int i = 0; i < bridges.at("/spec/replicas").asInt(); i++) {
      String pod = "bridge-" + (first + i);
      JsonNode service = named("Service", pod);
      assertThat(service.at("/spec/selector/statefulset.kubernetes.io~1pod-name").asText())
          .isEqualTo(pod);
      // A bridge that drains is not ready, and keeps its sessions.
      assertThat(service.at("/spec/publishNotReadyAddresses").asBoolean()).isTrue();
      assertThat(recipe)
          .contains(pod + ":" + service.at("/spec/ports/0/port").asInt())
          .contains("use-server " + pod + " ");
    }
    assertThat(named("Service", bridges.at("/spec/serviceName").asText()).at("/spec/clusterIP"))
        .hasToString("\"None\"");
    JsonNode probes = bridges.at("/spec/template/spec/containers/0");
    assertThat(probes.at("/livenessProbe/httpGet/path").asText()).isEqualTo("/health/live");
    assertThat(probes.at("/readinessProbe/httpGet/path").asText()).isEqualTo("/health/ready");
  }

  @Test
  void theConfigurationIsValidAndAPodHasMoreTimeThanItsDrain(@TempDir Path folder)
      throws IOException {
    JsonNode data = named("ConfigMap", "longspan").path("data");
    Files.writeString(folder.resolve("catalogue.yaml"), data.path("catalogue.yaml").asText());
    Path secrets = Files.createDirectory(folder.resolve("secrets"));
    Files.writeString(secrets.resolve("broker-password"), "secret");
    Files.writeString(secrets.resolve("users.properties"), "alice: alice\n");
    Path file = folder.resolve("longspan.yaml");
    Files.writeString(
        file,
        data.path("longspan.yaml").asText().replace("/run/secrets/longspan", secrets.toString()));
    LongspanConfig config = ConfigLoader.load(Optional.of(file));
    JsonNode bridge = named("StatefulSet", "bridge");
    assertThat(bridge.at("/spec/template/spec/terminationGracePeriodSeconds").asLong())
        .isGreaterThan(config.session().drainTimeout().toSeconds() + 10);
    assertThat(config.http().trustedProxies()).isNotEmpty();
  }

  @Test
  void composeNamesTheVersionsThatAreTested() throws IOException {
    JsonNode services = YAML.readTree(Path.of("docker-compose.yml").toFile()).path("services");
    String pom = Files.readString(Path.of("pom.xml"));
    for (String broker : List.of("activemq", "artemis")) {
      String image = services.path(broker).path("image").asText();
      String version = image.split(":")[1].split("-")[0];
      assertThat(pom).contains("<%1$s.version>%2$s</%1$s.version>".formatted(broker, version));
    }
  }
}
