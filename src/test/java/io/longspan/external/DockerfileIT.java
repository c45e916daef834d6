package io.longspan.external;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of {@code docker/Dockerfile}, with the user of the image and a folder that stands
 * for {@code /tmp}. The image itself needs Docker; see {@link ComposeIT}.
 */
@Timeout(120)
final class DockerfileIT {
  private static final String WAR = "/opt/longspan.war";

  @TempDir Path folder;

  @Test
  void theCommandsOfTheImageRunWithoutRootAndWriteOnlyToTheirFolder() throws IOException {
    String text = Files.readString(Path.of("docker", "Dockerfile"));
    String user = instruction(text, "USER ");
    assertThat(user).matches("[1-9][0-9]*:[1-9][0-9]*");
    assertThat(text).contains("COPY target/longspan.war " + WAR).doesNotContain("RUN ");
    // What a read-only root refuses, the permissions refuse here.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path war = Files.copy(Distributions.war(), folder.resolve("longspan.war"));
    int port = FreePort.find();
    List<String> command = asUser(user, array(instruction(text, "ENTRYPOINT ")));
    command.replaceAll(each -> each.replace(WAR, war.toString()).replace("=/tmp", "=" + temporary));
    Map<String, String> environment =
        Map.of("LONGSPAN_HTTP_PORT", String.valueOf(port), "LONGSPAN_SERVER_WARMUP", "0s");
    ChildProcess bridge = ChildProcess.start("docker", folder, environment, command);
    try {
      Readiness.await(URI.create("http://127.0.0.1:" + port + "/"), bridge);
      List<String> check = asUser(user, array(text.split("HEALTHCHECK ")[1].split("CMD ")[1]));
      check.replaceAll(each -> each.replace("/8080", "/" + port));
      ChildProcess.start("healthcheck", folder, Map.of(), check).awaitSuccess();
      assertThat(bridge.stop()).isZero();
    } finally {
      bridge.kill();
    }
  }

  private static String instruction(String dockerfile, String name) {
    return dockerfile
        .lines()
        .filter(line -> line.startsWith(name))
        .reduce((earlier, later) -> later)
        .orElseThrow()
        .substring(name.length());
  }

  /** Reads the first array of a text. */
  private static List<String> array(String json) throws IOException {
    return new ObjectMapper()
        .readerFor(new TypeReference<List<String>>() {})
        .readValue(json.lines().findFirst().orElseThrow());
  }

  /** Only root can change the user; elsewhere the tests' own user is not root. */
  private static List<String> asUser(String user, List<String> command) {
    List<String> whole = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      String[] ids = user.split(":");
      whole.addAll(List.of("setpriv", "--reuid", ids[0], "--regid", ids[1], "--clear-groups"));
      whole.addAll(List.of("--no-new-privs"));
    }
    whole.addAll(command);
    return whole;
  }
}
