package io.longspan.server.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longspan.catalogue.CatalogueSource;
import io.longspan.catalogue.DestinationCatalogue;
import io.longspan.config.ConfigException;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import io.longspan.config.Secrets;
import io.longspan.identity.TokenVerifier;
import io.longspan.logging.CommandLog;
import io.longspan.server.UserAccounts;
import io.longspan.signing.SigningKey;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Checks everything that can be checked without serving. */
@Command(
    name = "check",
    description = {
      "Checks the configuration, and the files that it names: catalogue, users, keys.",
      "With --connect also what the bridge's accounts may do at the brokers. Nothing stays there:"
          + " messages are rolled back, and no message is taken from a queue."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar longspan.war check --config longspan.yaml",
      "  java -jar longspan.war check --connect --json --config longspan.yaml",
      "",
      "Exit status: 0 if all is well, 1 if a broker is not reachable or a right is missing, 2 if the"
          + " configuration or the command line is wrong. Rights that are too many do not change it."
    },
    sortOptions = false)
final class CheckCommand implements Callable<Integer> {
  private final RootCommand root;

  @Spec private CommandSpec spec;

  @Mixin private ConfigOption config;

  @Option(names = "--connect", description = "tries out the rights at the brokers, too")
  private boolean connect;

  @Option(names = "--json", description = "prints one JSON object")
  private boolean json;

  @Mixin private HelpOption help;

  private final ObjectNode report = JsonNodeFactory.instance.objectNode();

  CheckCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    CommandLog.onlyWarningsOnStandardError();
    try {
      int status = check(config.file(root));
      report.put("status", status == ExitStatus.OK ? "ok" : "failed");
      return status;
    } catch (ConfigException wrong) {
      report.put("status", "wrongConfiguration").put("error", Secrets.masked(wrong.getMessage()));
      throw wrong;
    } finally {
      if (json) {
        out().println(report.toPrettyString());
      }
      out().flush();
    }
  }

  private int check(Optional<Path> file) {
    LongspanConfig loaded = ConfigLoader.load(file);
    found("configuration", file.map(Path::toString).orElse("no file"));
    DestinationCatalogue catalogue = CatalogueSource.of(loaded).get();
    found(
        "catalogue",
        "%s, %d entries"
            .formatted(loaded.catalogue().map(Path::toString).orElse("no file"), catalogue.size()));
    found("users", users(loaded));
    loaded
        .identity()
        .signingKey()
        .ifPresent(
            key -> {
              SigningKey.read(key, Clock.systemUTC());
              found("signing key", key.toString());
            });
    TokenVerifier.of(loaded.tokens())
        .ifPresent(
            tokens -> {
              tokens.close();
              found("token keys", loaded.tokens().keys().map(Object::toString).orElse(""));
            });
    return connect ? checkBrokers(loaded, catalogue) : ExitStatus.OK;
  }

  private static String users(LongspanConfig loaded) {
    if (loaded.users().isEmpty() && !UserAccounts.runsDemo(loaded)) {
      return "none; java -jar needs the key users, a servlet container has its own";
    }
    UserAccounts.of(loaded);
    return loaded.users().map(Path::toString).orElse("those of the demo");
  }

  private int checkBrokers(LongspanConfig loaded, DestinationCatalogue catalogue) {
    BrokerChecks checks = new BrokerChecks(loaded, catalogue);
    List<Finding> findings = checks.run(finding -> say("%s", finding));
    long missing = findings.stream().filter(Finding::isFailure).count();
    long tooMany = findings.stream().filter(f -> f.result() == Finding.Result.TOO_MANY).count();
    findings.forEach(finding -> finding.addTo(report.withArray("brokers")));
    report.put("missing", missing).put("tooMany", tooMany);
    say("%d missing, %d too many", missing, tooMany);
    return missing == 0 ? ExitStatus.OK : ExitStatus.FAILED;
  }

  private void found(String what, String text) {
    String shown = Secrets.masked(text);
    report.put(what.replace(" k", "K"), shown);
    say("%-9s %s: %s", "ok", what, shown);
  }

  private void say(String format, Object... arguments) {
    if (!json) {
      out().println(format.formatted(arguments));
      out().flush();
    }
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
