package io.longspan.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Lists and deletes durable subscriptions, by the operator endpoints of a running bridge. */
@Command(
    name = "durables",
    description = {
      "Lists the durable subscriptions that a bridge has used since its start, or deletes one with"
          + " its messages, whether it is in use or not. The account needs the role sysadmin."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar longspan.war durables",
      "  java -jar longspan.war durables --url https://bus.example.org --user carol"
          + " --password-file carol.txt --of alice",
      "  java -jar longspan.war durables --delete --of alice --topic inbox --name orders",
      "",
      "Exit status: 0 if it was done, 1 if the bridge refused it or cannot be reached, 2 if the"
          + " command line is wrong."
    },
    sortOptions = false)
final class DurablesCommand implements Callable<Integer> {
  private static final int PAGE = 500;

  @Spec private CommandSpec spec;

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8080",
      description = "the bridge, with its context path (default: ${DEFAULT-VALUE})")
  private String url;

  @Option(
      names = "--bridge",
      paramLabel = "ID",
      description = "the id of one of the bridges behind a load balancer")
  private Optional<String> bridge;

  @Option(
      names = "--user",
      paramLabel = "OPERATOR",
      defaultValue = "carol",
      description = "default: the demo user ${DEFAULT-VALUE}")
  private String user;

  @Option(
      names = "--password",
      defaultValue = "carol",
      description = "the operator's password (default: the demo user's)")
  private String password;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "the first line is the password; other users cannot see it among the processes")
  private Path passwordFile;

  @Option(
      names = "--of",
      paramLabel = "USER",
      description = "lists only those of this user; with --delete the user that it belongs to")
  private String of;

  @Option(names = "--delete", description = "deletes one; needs --of, --topic and --name")
  private boolean delete;

  @Option(names = "--topic", paramLabel = "NAME", description = "the logical name of the topic")
  private String topic;

  @Option(names = "--name", paramLabel = "NAME", description = "the user's name of it")
  private String name;

  @Option(names = "--json", description = "prints one JSON object")
  private boolean json;

  @Mixin private HelpOption help;

  @Override
  public Integer call() throws IOException, InterruptedException {
    boolean complete = of != null && topic != null && name != null;
    require(!delete || complete, "--delete", "only with --of, --topic and --name");
    require(delete || topic == null, "--topic", "only with --delete");
    require(delete || name == null, "--name", "only with --delete");
    OperatorEndpoints endpoints = endpoints();
    try {
      show(delete ? delete(endpoints) : list(endpoints));
      return ExitStatus.OK;
    } catch (OperatorEndpoints.Refused refused) {
      spec.commandLine().getErr().println(refused.getMessage());
      return ExitStatus.FAILED;
    } finally {
      out().flush();
    }
  }

  private OperatorEndpoints endpoints() {
    try {
      return OperatorEndpoints.of(
          url, bridge, user, passwordFile == null ? password : firstLine(passwordFile));
    } catch (IllegalArgumentException malformed) {
      throw new ParameterException(
          spec.commandLine(), "--url: allowed: an http or https URL", malformed);
    }
  }

  private String firstLine(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.findFirst().orElse("");
    } catch (IOException | UncheckedIOException unreadable) {
      throw new ParameterException(
          spec.commandLine(), "--password-file: allowed: a readable file: " + unreadable);
    }
  }

  private void require(boolean allowed, String option, String what) {
    if (!allowed) {
      throw new ParameterException(spec.commandLine(), option + ": allowed: " + what);
    }
  }

  private JsonNode delete(OperatorEndpoints endpoints)
      throws OperatorEndpoints.Refused, IOException, InterruptedException {
    ObjectNode command = JsonNodeFactory.instance.objectNode();
    command.put("user", of).put("topic", topic).put("name", name);
    return endpoints.post("delete-durable", command);
  }

  private JsonNode list(OperatorEndpoints endpoints)
      throws OperatorEndpoints.Refused, IOException, InterruptedException {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    JsonNode page;
    do {
      page = endpoints.get("durable-subscriptions", of == null ? "" : of, all.size(), PAGE);
      page.path("durableSubscriptions").forEach(all::add);
    } while (!page.path("durableSubscriptions").isEmpty()
        && all.size() < page.path("total").asInt());
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.set("bridgeId", page.path("bridgeId"));
    answer.set("durableSubscriptions", all);
    return answer;
  }

  private void show(JsonNode answer) throws IOException {
    if (json) {
      out().println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(answer));
    } else if (delete) {
      out().println("deleted: " + line(answer));
    } else {
      answer
          .path("durableSubscriptions")
          .forEach(each -> out().println(line(each) + "  " + use(each)));
      out()
          .printf(
              "%d known to %s%n",
              answer.path("durableSubscriptions").size(), text(answer, "bridgeId"));
    }
  }

  private static String line(JsonNode each) {
    return "%-16s %s  %s  broker %s"
        .formatted(
            text(each, "user"), text(each, "topic"), text(each, "name"), text(each, "broker"));
  }

  private static String use(JsonNode each) {
    return "%s %s since %s"
        .formatted(
            each.path("inUse").asBoolean() ? "in use on" : "last used on",
            text(each, "bridge"),
            text(each, "since"));
  }

  /** Names of users cannot move the cursor of a terminal. */
  private static String text(JsonNode each, String field) {
    return each.path(field).asText().replaceAll("\\p{Cntrl}|\\p{Cf}", "?");
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
