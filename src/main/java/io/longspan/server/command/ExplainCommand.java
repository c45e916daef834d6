package io.longspan.server.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.CatalogueSource;
import io.longspan.catalogue.Explanation;
import io.longspan.catalogue.Explanation.Decision;
import io.longspan.catalogue.Explanation.Right;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import io.longspan.identity.Identity;
import io.longspan.identity.UserDirectory;
import io.longspan.logging.CommandLog;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import io.longspan.server.UserAccounts;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what the catalogue decides about one name of one user. */
@Command(
    name = "explain",
    description = {
      "Says which entry of the catalogue decides about a name, which JMS destination it is, and"
          + " what the user may do, or why not. It asks no broker."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar longspan.war explain --user alice prices/london/ABC",
      "  java -jar longspan.war explain --config longspan.yaml --user bob --role trader --role"
          + " editor 'prices/*/ABC'",
      "",
      "Exit status: 0 if the user has a right, or the authorisation service decides; 1 if not; 2 if"
          + " the configuration or the command line is wrong."
    },
    sortOptions = false)
final class ExplainCommand implements Callable<Integer> {
  private final RootCommand root;

  @Spec private CommandSpec spec;

  @Mixin private ConfigOption config;

  @Option(names = "--user", paramLabel = "USER", required = true, description = "the user's name")
  private String user;

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description =
          "a role of the user, several times for several; without it the roles in the file of"
              + " users")
  private Set<String> roles;

  @Option(names = "--json", description = "prints one JSON object")
  private boolean json;

  @Mixin private HelpOption help;

  @Parameters(paramLabel = "NAME", description = "the logical name, or a pattern of names")
  private String name;

  private final ObjectNode report = JsonNodeFactory.instance.objectNode();

  ExplainCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    CommandLog.onlyWarningsOnStandardError();
    LongspanConfig loaded = ConfigLoader.load(config.file(root));
    CatalogueSource catalogue = CatalogueSource.of(loaded);
    Identity identity = identity(loaded);
    report.putArray("rights");
    boolean something = explain(loaded, catalogue, identity);
    report.put("allowed", something);
    if (json) {
      out().println(report.toPrettyString());
    }
    out().flush();
    return something ? ExitStatus.OK : ExitStatus.FAILED;
  }

  private Identity identity(LongspanConfig loaded) {
    Identity identity = new Identity(user, roles == null ? known(loaded) : roles);
    report.put("user", user);
    identity.roles().forEach(report.putArray("roles")::add);
    say("user", user + (identity.roles().isEmpty() ? "" : ", " + roles(identity)));
    return identity;
  }

  private static String roles(Identity identity) {
    return "roles " + String.join(", ", identity.roles());
  }

  /** Returns the roles in the file of users. */
  private Set<String> known(LongspanConfig loaded) {
    if (loaded.users().isEmpty() && !UserAccounts.runsDemo(loaded)) {
      return Set.of();
    }
    Optional<UserDirectory.Entry> entry = UserAccounts.of(loaded).find(user);
    if (entry.isEmpty()) {
      spec.commandLine().getErr().println("the file of users has no user of that name");
      return Set.of();
    }
    return new LinkedHashSet<>(entry.get().roles());
  }

  /** Returns whether the user may do anything. */
  private boolean explain(LongspanConfig loaded, CatalogueSource catalogue, Identity identity) {
    report.put("name", name);
    say("name", name);
    DestinationName parsed;
    try {
      parsed = DestinationName.parsePattern(name);
    } catch (BridgeException invalid) {
      refuse(String.valueOf(invalid.getMessage()));
      return false;
    }
    Explanation explanation = catalogue.get().explain(identity, parsed);
    explanation
        .entry()
        .ifPresent(
            entry -> {
              report.put("entry", entry.template()).put("position", explanation.position());
              say("entry", explanation.position() + ": " + entry.template());
            });
    explanation.objection().ifPresent(this::refuse);
    explanation.match().ifPresent(match -> show(loaded, match.destination()));
    List<Right> rights = explanation.rights(identity, parsed.pattern());
    rights.forEach(this::show);
    return rights.stream().anyMatch(right -> right.decision() != Decision.REFUSED);
  }

  private void refuse(String why) {
    report.put("refused", why);
    say("refused", why);
  }

  private void show(LongspanConfig loaded, BrokerDestination at) {
    String kind = at.kind().name().toLowerCase(Locale.ROOT);
    report.put("kind", kind).put("jms", at.name());
    if (at.isLocal()) {
      report.put("broker", at.broker());
      say("local", (kind.equals("queue") ? "service " : "topic ") + at.name());
      return;
    }
    String broker = at.broker().isEmpty() ? "default" : at.broker();
    String provider = loaded.broker(at.broker()).provider().name().toLowerCase(Locale.ROOT);
    report.put("broker", broker);
    say("jms", "%s %s at the broker %s (%s)".formatted(kind, at.name(), broker, provider));
  }

  private void show(Right right) {
    String decision = right.decision().name().toLowerCase(Locale.ROOT);
    report
        .withArray("rights")
        .addObject()
        .put("right", right.right())
        .put("decision", decision)
        .put("why", right.why());
    say(right.right(), decision + ": " + right.why());
  }

  private void say(String label, String text) {
    if (!json) {
      out().println("%-10s %s".formatted(label, text));
    }
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
