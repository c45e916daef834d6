package io.longspan.server.command;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.CatalogueSource;
import io.longspan.catalogue.Explanation.Right;
import io.longspan.catalogue.NameReport;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import io.longspan.identity.Identity;
import io.longspan.identity.UserDirectory;
import io.longspan.logging.CommandLog;
import io.longspan.server.UserAccounts;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
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

  ExplainCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    CommandLog.onlyWarningsOnStandardError();
    LongspanConfig loaded = ConfigLoader.load(config.file(root));
    CatalogueSource catalogue = CatalogueSource.of(loaded);
    NameReport report = NameReport.of(catalogue.get(), identity(loaded), name);
    if (json) {
      out().println(report.toJson().toPrettyString());
    } else {
      show(loaded, report);
    }
    out().flush();
    return report.allowed() ? ExitStatus.OK : ExitStatus.FAILED;
  }

  private Identity identity(LongspanConfig loaded) {
    return new Identity(user, roles == null ? known(loaded) : roles);
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

  private void show(LongspanConfig loaded, NameReport report) {
    Identity identity = report.identity();
    say("user", user + (identity.roles().isEmpty() ? "" : ", " + roles(identity)));
    say("name", name);
    report
        .explanation()
        .ifPresent(
            explanation ->
                explanation
                    .entry()
                    .ifPresent(
                        entry -> say("entry", explanation.position() + ": " + entry.template())));
    report.refused().ifPresent(why -> say("refused", why));
    report.destination().ifPresent(at -> show(loaded, at));
    for (Right right : report.rights()) {
      say(right.right(), right.decision().name().toLowerCase(Locale.ROOT) + ": " + right.why());
    }
  }

  private void show(LongspanConfig loaded, BrokerDestination at) {
    String kind = at.kind().name().toLowerCase(Locale.ROOT);
    if (at.isLocal()) {
      say("local", (kind.equals("queue") ? "service " : "topic ") + at.name());
      return;
    }
    String broker = at.broker().isEmpty() ? "default" : at.broker();
    String provider = loaded.broker(at.broker()).provider().name().toLowerCase(Locale.ROOT);
    say("jms", "%s %s at the broker %s (%s)".formatted(kind, at.name(), broker, provider));
  }

  private void say(String label, String text) {
    out().println("%-10s %s".formatted(label, text));
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
