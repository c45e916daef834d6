package io.longspan.access;

import com.github.benmanes.caffeine.cache.Ticker;
import io.longspan.access.AuthorizationService.Operation;
import io.longspan.access.AuthorizationService.Question;
import io.longspan.access.AuthorizationService.Verdict;
import io.longspan.audit.AuditEvent;
import io.longspan.audit.AuditLog;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.CatalogueEntry;
import io.longspan.catalogue.CatalogueEntry.Access;
import io.longspan.catalogue.DestinationCatalogue;
import io.longspan.catalogue.DestinationCatalogue.Match;
import io.longspan.catalogue.DestinationDescription;
import io.longspan.concurrent.InternalErrors;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.ErrorCode;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Access policy of the destination catalogue in force. Entries with {@code ask} are decided by the
 * authorisation service.
 */
public final class CatalogueAccessPolicy implements AccessPolicy {
  /**
   * Decisions that a change of rights invalidates are repeated; after this many attempts they are
   * denials.
   */
  private static final int ATTEMPTS = 10;

  private static final long NANOS_PER_MILLI = 1_000_000;

  /** Without change events a later refusal would not be received, so the service is not asked. */
  private static final BridgeException UNHEARD =
      new BridgeException(
          ErrorCode.LIMIT_EXCEEDED,
          "the bridge cannot receive changes of rights at present; try again later");

  private final Supplier<DestinationCatalogue> catalogue;
  private final AuthorizationCache verdicts;
  private final RightsHistory history = new RightsHistory();
  private final RoleSightings roles;
  private final CatalogueHistory catalogues;
  private final AskedRights askedRights;
  private final AuditLog audit;
  private volatile boolean hearsChanges;

  /**
   * Creates the policy.
   *
   * @param catalogue supplies the catalogue in force
   * @param authorizationService decides entries with {@code ask}
   */
  public CatalogueAccessPolicy(
      Supplier<DestinationCatalogue> catalogue, AuthorizationService authorizationService) {
    this(catalogue, authorizationService, AuditLog.NONE);
  }

  /**
   * Creates the policy.
   *
   * @param catalogue supplies the catalogue in force
   * @param authorizationService decides entries with {@code ask}
   * @param audit gets what users are refused
   */
  public CatalogueAccessPolicy(
      Supplier<DestinationCatalogue> catalogue,
      AuthorizationService authorizationService,
      AuditLog audit) {
    this(catalogue, authorizationService, audit, Ticker.systemTicker());
  }

  CatalogueAccessPolicy(
      Supplier<DestinationCatalogue> catalogue,
      AuthorizationService authorizationService,
      Ticker ticker) {
    this(catalogue, authorizationService, AuditLog.NONE, ticker);
  }

  private CatalogueAccessPolicy(
      Supplier<DestinationCatalogue> catalogue,
      AuthorizationService authorizationService,
      AuditLog audit,
      Ticker ticker) {
    this.catalogue = catalogue;
    this.audit = audit;
    this.verdicts = new AuthorizationCache(authorizationService, ticker);
    LongSupplier clock = () -> ticker.read() / NANOS_PER_MILLI;
    this.roles = new RoleSightings(clock);
    this.catalogues = new CatalogueHistory(catalogue, roles, clock);
    this.askedRights = new AskedRights(clock, history);
  }

  /** A positive decision, and the number of the last change of rights before it began. */
  private record Decision(Match match, long asOf) {}

  @Override
  public CompletionStage<SendGrant> maySend(Identity identity, DestinationName name) {
    return hidingWhy(
            identity, "send", name, decide(identity, name, Operation.CAN_SEND, false, ATTEMPTS))
        .thenApply(
            decision ->
                new SendGrant(
                    decision.match().destination(),
                    decision.match().sending(),
                    decision.match().entry().template()));
  }

  @Override
  public CompletionStage<TopicGrant> maySubscribe(Identity identity, DestinationName name) {
    return hidingWhy(identity, "subscribe", name, grant(identity, name, false));
  }

  /** Returns a refusal, and records it as its user gets it. */
  private <T> CompletableFuture<T> refused(
      Identity identity, String right, DestinationName name, BridgeException why) {
    audit.record(
        AuditEvent.rightRefused(identity.user(), right, name.value(), why.code().wireName()));
    return CompletableFuture.failedFuture(why);
  }

  @Override
  public CompletionStage<TopicGrant> mayStay(Identity identity, DestinationName name) {
    return grant(identity, name, true);
  }

  @Override
  public List<TopicGrant> alwaysKept() {
    return catalogue.get().alwaysKept().stream()
        .map(
            kept ->
                new TopicGrant(
                    kept.name(),
                    kept.match().destination(),
                    jmsName -> Optional.empty(),
                    kept.match().entry().policy(),
                    "",
                    history.count(),
                    Long.MAX_VALUE))
        .toList();
  }

  @Override
  public CompletionStage<BrokerDestination> maySeePresence(
      Identity identity, DestinationName name) {
    Optional<Match> match = catalogue.get().match(identity, name);
    if (match.isEmpty() || !match.get().entry().policy().presence()) {
      return refused(identity, "presence", name, BridgeException.notAuthorized());
    }
    if (match.get().entry().presence().isEmpty()) {
      return maySubscribe(identity, name).thenApply(TopicGrant::destination);
    }
    return match.get().entry().presence().get().includes(identity)
        ? CompletableFuture.completedFuture(match.get().destination())
        : refused(identity, "presence", name, BridgeException.notAuthorized());
  }

  @Override
  public boolean stillSeesPresence(Identity identity, DestinationName name) {
    return catalogue
        .get()
        .match(identity, name)
        .map(Match::entry)
        .filter(entry -> entry.policy().presence())
        .filter(entry -> entry.presence().map(roles -> roles.includes(identity)).orElse(true))
        .isPresent();
  }

  @Override
  public List<DestinationDescription> describe(Identity identity) {
    return catalogue.get().describe(identity);
  }

  @Override
  public CompletionStage<QueueGrant> mayReceive(
      Identity identity, DestinationName name, Kind kind) {
    return hidingWhy(
        identity,
        kind == Kind.QUEUE ? "receive" : "subscribe",
        name,
        queueGrant(identity, name, kind, false));
  }

  @Override
  public CompletionStage<QueueGrant> mayKeepReceiving(
      Identity identity, DestinationName name, Kind kind) {
    return queueGrant(identity, name, kind, true);
  }

  private CompletionStage<QueueGrant> queueGrant(
      Identity identity, DestinationName name, Kind kind, boolean isConfirmation) {
    Operation operation = kind == Kind.QUEUE ? Operation.CAN_RECEIVE : Operation.CAN_SUBSCRIBE;
    return decide(identity, name, operation, isConfirmation, ATTEMPTS)
        .thenCompose(
            decision ->
                kind == Kind.QUEUE || decision.match().entry().receiving().durable()
                    ? CompletableFuture.completedFuture(decision)
                    : denied())
        .thenApply(
            decision ->
                new QueueGrant(
                    name,
                    decision.match().destination(),
                    decision.match().entry().name(),
                    decision.match().entry().receiving(),
                    decision.asOf()));
  }

  private CompletionStage<TopicGrant> grant(
      Identity identity, DestinationName name, boolean isConfirmation) {
    return decide(identity, name, Operation.CAN_SUBSCRIBE, isConfirmation, ATTEMPTS)
        .thenApply(
            decision ->
                new TopicGrant(
                    name,
                    decision.match().destination(),
                    new NamesInForce(identity, name),
                    decision.match().entry().policy(),
                    scope(catalogue.get(), identity, name),
                    decision.asOf(),
                    heldSince(identity, name, decision, isConfirmation)));
  }

  private long heldSince(
      Identity identity, DestinationName name, Decision decision, boolean isConfirmation) {
    CatalogueEntry entry = decision.match().entry();
    if (!entry.policy().keep().isSomething() && entry.policy().snapshot().isEmpty()) {
      return Long.MAX_VALUE;
    }
    return entry.subscribe() instanceof CatalogueEntry.Ask ask
        ? askedRights.granted(identity, name, ask.queue(), decision.asOf(), isConfirmation)
        : catalogues.heldSince(identity, name, decision.match().destination());
  }

  /** Returns the user's name if the topics of a pattern depend on the user. */
  private static Object scope(
      DestinationCatalogue catalogue, Identity identity, DestinationName name) {
    return name.pattern() && catalogue.namesDependOnUser() ? identity.user() : "";
  }

  /** Topic names of a grant, by the catalogue in force at the time of the call. */
  private final class NamesInForce implements TopicGrant.TopicNames {
    private final Identity identity;
    private final DestinationName name;
    private final Object scope;

    NamesInForce(Identity identity, DestinationName name) {
      this.identity = identity;
      this.name = name;
      this.scope = scope(catalogue.get(), identity, name);
    }

    @Override
    public Optional<String> logicalNameOf(String jmsName) {
      DestinationCatalogue inForce = catalogue.get();
      // Users share this grant. In another scope the answer for one of them would apply to all.
      return scope.equals(scope(inForce, identity, name))
          ? inForce.logicalName(identity, name, jmsName)
          : Optional.empty();
    }

    @Override
    public Object revision() {
      return catalogue.get();
    }
  }

  private CompletableFuture<Decision> decide(
      Identity identity,
      DestinationName name,
      Operation operation,
      boolean isConfirmation,
      int attempts) {
    long asOf = history.count();
    return decideOnce(identity, name, operation, isConfirmation)
        .thenCompose(
            match -> {
              if (!history.affectedSince(asOf, identity, name)) {
                return CompletableFuture.completedFuture(new Decision(match, asOf));
              }
              return attempts == 1
                  ? denied()
                  : decide(identity, name, operation, isConfirmation, attempts - 1);
            });
  }

  private CompletableFuture<Match> decideOnce(
      Identity identity, DestinationName name, Operation operation, boolean isConfirmation) {
    boolean subscribing = operation == Operation.CAN_SUBSCRIBE;
    Optional<Match> match =
        catalogue.get().match(identity, name).filter(m -> isPossible(operation, m.entry().kind()));
    if (match.isEmpty()) {
      return denied();
    }
    CatalogueEntry entry = match.get().entry();
    Access access =
        switch (operation) {
          case CAN_SUBSCRIBE -> entry.subscribe();
          case CAN_SEND -> entry.send();
          case CAN_RECEIVE -> entry.receiving().access();
        };
    if (access instanceof CatalogueEntry.Granted granted) {
      return granted.includes(identity) ? CompletableFuture.completedFuture(match.get()) : denied();
    }
    if (!hearsChanges) {
      return CompletableFuture.failedFuture(UNHEARD);
    }
    String queue = ((CatalogueEntry.Ask) access).queue();
    return verdicts
        .get(new Question(queue, operation, identity, name), isConfirmation)
        .thenCompose(
            verdict -> {
              if (subscribing && verdict.kind() == Verdict.Kind.REFUSED) {
                askedRights.refused(identity, name);
              }
              return follow(verdict, match.get());
            });
  }

  private static boolean isPossible(Operation operation, Kind kind) {
    return switch (operation) {
      case CAN_SUBSCRIBE -> kind == Kind.TOPIC;
      case CAN_RECEIVE -> kind == Kind.QUEUE;
      case CAN_SEND -> true;
    };
  }

  private static CompletableFuture<Match> follow(Verdict verdict, Match match) {
    return switch (verdict.kind()) {
      case ALLOWED -> CompletableFuture.completedFuture(match);
      case REFUSED -> denied();
      case NOT_ASKED ->
          CompletableFuture.failedFuture(
              BridgeException.limitExceeded(
                  "too many questions wait for the authorisation service; try again later"));
      case NO_ANSWER -> CompletableFuture.failedFuture(BridgeException.brokerUnavailable(null));
    };
  }

  /**
   * Maps failures to what a client may know: a missing answer looks like a denial. {@code
   * limitExceeded}, {@code internalError} and missing change events stay visible.
   */
  private <T> CompletionStage<T> hidingWhy(
      Identity identity, String right, DestinationName name, CompletionStage<T> decision) {
    return decision.exceptionallyCompose(
        failure -> refused(identity, right, name, withoutWhy(failure)));
  }

  private static BridgeException withoutWhy(Throwable failure) {
    BridgeException why =
        BridgeException.from(
            failure, fault -> InternalErrors.report("the check of a right", fault));
    if (why == UNHEARD) {
      return new BridgeException(ErrorCode.BROKER_UNAVAILABLE, UNHEARD.getMessage());
    }
    return why.code() == ErrorCode.LIMIT_EXCEEDED || why.code() == ErrorCode.INTERNAL_ERROR
        ? why
        : BridgeException.notAuthorized();
  }

  private static <T> CompletableFuture<T> denied() {
    return CompletableFuture.failedFuture(BridgeException.notAuthorized());
  }

  @Override
  public boolean isHeldUp(Identity identity, DestinationName name) {
    Optional<CatalogueEntry.Ask> ask = asked(identity, name);
    return ask.isPresent()
        && (!hearsChanges
            || verdicts.isHeldUp(
                new Question(ask.get().queue(), Operation.CAN_SUBSCRIBE, identity, name)));
  }

  /** Returns the authorisation service that decides subscriptions to a topic, if any. */
  private Optional<CatalogueEntry.Ask> asked(Identity identity, DestinationName name) {
    return catalogue
        .get()
        .match(identity, name)
        .map(match -> match.entry().subscribe())
        .filter(CatalogueEntry.Ask.class::isInstance)
        .map(CatalogueEntry.Ask.class::cast);
  }

  @Override
  public void hearsChanges(boolean heard) {
    hearsChanges = heard;
  }

  @Override
  public boolean needsEvents(Identity identity, DestinationName name) {
    return asked(identity, name).isPresent();
  }

  @Override
  public boolean needsEventsToReceive(Identity identity, DestinationName name, Kind kind) {
    return kind == Kind.TOPIC
        ? needsEvents(identity, name)
        : catalogue
            .get()
            .match(identity, name)
            .filter(match -> match.entry().receiving().access() instanceof CatalogueEntry.Ask)
            .isPresent();
  }

  @Override
  public boolean isCurrent(Identity identity, QueueGrant grant) {
    return !history.affectedSince(grant.asOf(), identity, grant.name());
  }

  @Override
  public boolean isCurrent(Identity identity, TopicGrant grant) {
    return !history.affectedSince(grant.asOf(), identity, grant.name());
  }

  @Override
  public void saw(Identity identity) {
    roles.saw(identity);
  }

  /**
   * Removes cached answers before the change is counted. A decision with an old answer then sees
   * the new number at its end. A decision that starts with the new number finds no old answer.
   */
  @Override
  public void changed(RightsChange change) {
    verdicts.forget(change);
    history.add(change);
    askedRights.changed(change);
    catalogues.note();
  }
}
