package io.longspan.security;

import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerDestination;
import io.longspan.protocol.BrokerDestination.Kind;
import io.longspan.protocol.DestinationName;
import io.longspan.security.AuthorizationService.Operation;
import io.longspan.security.CatalogueEntry.Access;
import io.longspan.security.DestinationCatalogue.Match;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** The access policy that the destination catalogue in force describes. */
public final class CatalogueAccessPolicy implements AccessPolicy {
  private final Supplier<DestinationCatalogue> catalogue;
  private final AuthorizationService authorizationService;

  /**
   * Creates the policy.
   *
   * @param catalogue gives the catalogue in force
   * @param authorizationService answers for entries with {@code ask}
   */
  public CatalogueAccessPolicy(
      Supplier<DestinationCatalogue> catalogue, AuthorizationService authorizationService) {
    this.catalogue = catalogue;
    this.authorizationService = authorizationService;
  }

  @Override
  public CompletionStage<BrokerDestination> maySend(Identity identity, DestinationName name) {
    Optional<Match> match = catalogue.get().match(identity, name);
    return decide(identity, name, match, Operation.CAN_SEND, match.map(m -> m.entry().send()))
        .thenApply(Match::destination);
  }

  @Override
  public CompletionStage<TopicGrant> maySubscribe(Identity identity, DestinationName name) {
    DestinationCatalogue inForce = catalogue.get();
    Optional<Match> match =
        inForce.match(identity, name).filter(m -> m.entry().kind() == Kind.TOPIC);
    return decide(
            identity, name, match, Operation.CAN_SUBSCRIBE, match.map(m -> m.entry().subscribe()))
        .thenApply(
            allowed ->
                new TopicGrant(
                    name,
                    allowed.destination(),
                    jmsName -> inForce.logicalName(identity, allowed.entry(), name, jmsName),
                    scope(inForce, identity, name)));
  }

  /** Which topics a pattern covers can depend on the catalogue and on the user. */
  private static Object scope(
      DestinationCatalogue catalogue, Identity identity, DestinationName name) {
    if (!name.pattern()) {
      return "";
    }
    return catalogue.namesDependOnUser() ? List.of(catalogue, identity.user()) : catalogue;
  }

  private CompletionStage<Match> decide(
      Identity identity,
      DestinationName name,
      Optional<Match> match,
      Operation operation,
      Optional<Access> access) {
    if (match.isEmpty() || access.isEmpty()) {
      return denied();
    }
    if (access.get() instanceof CatalogueEntry.Granted granted) {
      return granted.includes(identity) ? CompletableFuture.completedFuture(match.get()) : denied();
    }
    String queue = ((CatalogueEntry.Ask) access.get()).queue();
    return authorizationService
        .isAllowed(queue, operation, identity, name)
        .exceptionally(failure -> false)
        .thenCompose(
            allowed ->
                allowed
                    ? CompletableFuture.<Match>completedFuture(match.get())
                    : CatalogueAccessPolicy.<Match>denied());
  }

  private static <T> CompletableFuture<T> denied() {
    return CompletableFuture.failedFuture(BridgeException.notAuthorized());
  }
}
