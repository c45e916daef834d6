package io.longspan.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.client.LongspanClient;
import io.longspan.client.LongspanException;
import io.longspan.client.Message;
import io.longspan.client.SendOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Loads Turtle files as successive revisions of one graph, through a bridge. The exit status is 0,
 * or 1 after one line on standard error.
 */
@Command(
    name = "demo-load",
    mixinStandardHelpOptions = true,
    description = "Loads Turtle files, one after the other, as revisions of a named graph.",
    footer = {
      "",
      "Example:",
      "  java -jar longspan.war demo-load monday.ttl tuesday.ttl --graph http://example.org/plan"
    })
public final class DemoLoadCommand implements Callable<Integer> {

  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private final ObjectMapper json = new ObjectMapper();
  private final Duration connectTimeout;

  @Spec private CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Turtle files, oldest first.")
  private List<Path> files;

  @Option(names = "--graph", required = true, paramLabel = "URI", description = "The named graph.")
  private String graph;

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8080",
      description = "The bridge, with its context path (default: ${DEFAULT-VALUE}).")
  private String url;

  @Option(
      names = "--user",
      defaultValue = "alice",
      description = "Who loads (default: ${DEFAULT-VALUE}).")
  private String user;

  @Option(
      names = "--password",
      defaultValue = "alice",
      description = "The user's password (default: the demo user's).")
  private String password;

  public DemoLoadCommand() {
    this(CONNECT_TIMEOUT);
  }

  /** Creates a command that waits so long for a bridge. */
  DemoLoadCommand(Duration connectTimeout) {
    this.connectTimeout = connectTimeout;
  }

  /**
   * Runs the command for picocli; blocks until the last file is loaded.
   *
   * @return the exit status
   */
  @Override
  public Integer call() {
    try (LongspanClient client = client()) {
      connect(client);
      for (Path file : files) {
        load(client, file);
      }
      return 0;
    } catch (IOException e) {
      return fail(e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  private LongspanClient client() throws IOException {
    try {
      return LongspanClient.builder(URI.create(url.replaceFirst("/?$", "/cometd")))
          .user(user, password)
          .transports("long-polling")
          .connectTimeout(connectTimeout)
          .build();
    } catch (IllegalArgumentException e) {
      throw new IOException("not a URL of a bridge: " + url, e);
    }
  }

  private void connect(LongspanClient client) throws IOException {
    try {
      await(client.connect());
    } catch (LongspanException.Authentication e) {
      throw new IOException("the bridge refuses this user name and password", e);
    } catch (LongspanException.ConnectionLost e) {
      throw new IOException("no bridge answers at " + url + ": " + e.getMessage(), e);
    } catch (LongspanException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static <T> T await(CompletableFuture<T> call) {
    try {
      return call.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof LongspanException failure ? failure : e;
    }
  }

  private int fail(String message) {
    spec.commandLine().getErr().println("demo-load: " + message.replaceAll("\\s*\\R\\s*", " "));
    return 1;
  }

  private void load(LongspanClient client, Path file) throws IOException {
    String name = file.getFileName().toString();
    Map<String, Object> properties =
        Map.of("operation", "load", "graph", graph, "mode", "replace", "revision", name);
    SendOptions options = SendOptions.NONE.withProperties(properties).withTimeout(ANSWER_TIMEOUT);
    Message answer;
    try {
      answer = await(client.request("services/graph", read(file), options));
    } catch (IOException | LongspanException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
    JsonNode body = parse(answer.body());
    if (!"ok".equals(answer.properties().get("status"))) {
      throw new IOException(file + ": " + body.path("message").asText("the service failed"));
    }
    JsonNode change = body.path("graphs").path(0);
    spec.commandLine()
        .getOut()
        .printf(
            "%s: revision %d, %d added, %d removed%n",
            name,
            change.path("revision").asInt(),
            change.path("added").asInt(),
            change.path("removed").asInt());
    spec.commandLine().getOut().flush();
    body.path("warnings")
        .forEach(warning -> spec.commandLine().getErr().println(name + ": " + warning.asText()));
  }

  private static String read(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no such file", e);
    } catch (CharacterCodingException e) {
      throw new IOException("the file is not UTF-8", e);
    }
  }

  private JsonNode parse(Object body) throws IOException {
    try {
      return json.readTree(String.valueOf(body));
    } catch (JsonProcessingException e) {
      throw new IOException("the service's answer is not JSON", e);
    }
  }
}
