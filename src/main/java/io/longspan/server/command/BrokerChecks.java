package io.longspan.server.command;

import io.longspan.bridge.OwnTopics;
import io.longspan.bridge.ReplyNames;
import io.longspan.catalogue.AccountRight;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.CatalogueEntry;
import io.longspan.catalogue.DestinationCatalogue;
import io.longspan.config.LongspanConfig;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.config.LongspanConfig.ReplyMode;
import io.longspan.config.Secrets;
import io.longspan.jms.AccountCheck;
import io.longspan.jms.AccountCheck.Answer;
import io.longspan.jms.AccountCheck.Attempt;
import io.longspan.server.command.Finding.Result;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Tries out what the bridge's accounts may do at all brokers of a configuration. */
final class BrokerChecks {
  private final LongspanConfig config;
  private final DestinationCatalogue catalogue;
  private final List<Finding> findings = new ArrayList<>();

  /** Set by {@link #run}. */
  private Consumer<Finding> listener = finding -> {};

  BrokerChecks(LongspanConfig config, DestinationCatalogue catalogue) {
    this.config = config;
    this.catalogue = catalogue;
  }

  /**
   * Checks one broker after the other; blocks.
   *
   * @param progress is told each finding at once
   * @return all findings
   */
  List<Finding> run(Consumer<Finding> progress) {
    listener = progress;
    check(BrokerDestination.DEFAULT_BROKER, config.broker());
    config.brokers().forEach(this::check);
    return List.copyOf(findings);
  }

  private void check(String name, Broker broker) {
    String label = name.isEmpty() ? "default" : name;
    if (broker.provider() == Provider.EMBEDDED || broker.provider() == Provider.NONE) {
      String provider = broker.provider().name().toLowerCase(Locale.ROOT);
      add(Result.OK, label, "connect", provider, "there are no accounts");
      return;
    }
    Optional<AccountCheck> connected = connect(label, broker);
    if (connected.isEmpty()) {
      return;
    }
    try (AccountCheck account = connected.get()) {
      ReplyNames names = ReplyNames.of(broker.replies(), config.bridge().id());
      for (ReplyMode mode : replyModes(name, broker)) {
        add(label, "answers", shown(mode), account.attempt(mode, names));
      }
      for (AccountRight right : rights(name)) {
        add(label, right, account.attempt(right));
      }
    }
  }

  /** Connects to the first address that accepts the account. */
  private Optional<AccountCheck> connect(String label, Broker broker) {
    List<Finding> refused = new ArrayList<>();
    for (String url : broker.urls()) {
      String shown = url.isEmpty() ? broker.jndi().connectionFactory() : Secrets.masked(url);
      try {
        AccountCheck account = AccountCheck.connect(broker.withUrl(url));
        refused.forEach(each -> add(Result.NOT_REACHABLE, label, each));
        String as = broker.user().isEmpty() ? "without an account" : "as " + broker.user();
        add(Result.OK, label, "connect", shown, as);
        return Optional.of(account);
      } catch (AccountCheck.NotConnected away) {
        refused.add(
            new Finding(
                Result.MISSING, label, "connect", shown, String.valueOf(away.getMessage())));
      }
    }
    refused.forEach(each -> add(Result.MISSING, label, each));
    return Optional.empty();
  }

  private Set<ReplyMode> replyModes(String name, Broker broker) {
    Set<ReplyMode> modes = EnumSet.of(broker.replies().mode());
    for (CatalogueEntry entry : catalogue.entries()) {
      if (entry.broker().equals(name)) {
        entry.sending().replies().ifPresent(modes::add);
        if (entry.sending().form().isCommlib()) {
          modes.add(ReplyMode.TOPIC);
        }
      }
    }
    return modes;
  }

  private List<AccountRight> rights(String name) {
    List<AccountRight> rights = new ArrayList<>();
    if (name.equals(BrokerDestination.DEFAULT_BROKER)) {
      rights.addAll(
          OwnTopics.accountRights(
              catalogue.entries().stream().anyMatch(entry -> entry.policy().presence()),
              catalogue.entries().stream().anyMatch(entry -> entry.receiving().durable())));
      config
          .audit()
          .topic()
          .map(BrokerDestination::topic)
          .map(topic -> AccountRight.needed(topic, AccountRight.Action.SEND, false, "audit.topic"))
          .ifPresent(rights::add);
    }
    catalogue.accountRights().stream()
        .filter(right -> right.destination().broker().equals(name))
        .forEach(rights::add);
    return rights;
  }

  private void add(String label, AccountRight right, Attempt attempt) {
    String action = right.action().name().toLowerCase(Locale.ROOT);
    BrokerDestination at = right.destination();
    String subject = at.kind().name().toLowerCase(Locale.ROOT) + " " + at.name();
    if (right.needed()) {
      add(label, action, subject, attempt.withReason(right.reason()));
    } else if (attempt.answer() == Answer.NOT_TRIED) {
      add(Result.NOT_TRIED, label, action, subject, attempt.detail());
    } else {
      boolean refused = attempt.answer() == Answer.REFUSED;
      add(
          refused ? Result.OK : Result.TOO_MANY,
          label,
          refused ? "no " + action : action,
          subject,
          right.reason());
    }
  }

  private void add(String label, String action, String subject, Attempt attempt) {
    Result result =
        switch (attempt.answer()) {
          case ALLOWED -> Result.OK;
          case REFUSED -> Result.MISSING;
          case NOT_TRIED -> Result.NOT_TRIED;
        };
    add(result, label, action, subject, attempt.detail());
  }

  private void add(Result result, String label, Finding other) {
    add(result, label, other.action(), other.subject(), other.detail());
  }

  private void add(Result result, String label, String action, String subject, String detail) {
    Finding finding = new Finding(result, label, action, subject, detail);
    findings.add(finding);
    listener.accept(finding);
  }

  private static String shown(ReplyMode mode) {
    return switch (mode) {
      case TEMPORARY_TOPIC -> "temporaryTopic";
      case TEMPORARY_QUEUE -> "temporaryQueue";
      case TOPIC -> "topic";
      case QUEUE -> "queue";
    };
  }
}
