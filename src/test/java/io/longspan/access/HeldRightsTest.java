package io.longspan.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.access.AuthorizationService.Verdict;
import io.longspan.access.AuthorizationService.Verdict.Kind;
import io.longspan.catalogue.CatalogueParser;
import io.longspan.catalogue.DestinationCatalogue;
import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Since when a right counts as held: what is retained from before it is not to be read. */
final class HeldRightsTest {
  private static final long ALWAYS = Long.MIN_VALUE;
  private static final Identity TRADER = new Identity("alice", Set.of("trader"));
  private static final Identity VIEWER = new Identity("alice", Set.of("viewer"));
  private static final DestinationName GRAPH = DestinationName.parse("graphs/g");
  private static final DestinationName PRICE = DestinationName.parse("prices/p");
  private static final String BOTH =
      """
      destinations:
        - {name: "graphs/{g}", kind: topic, subscribe: {ask: authz}, keep: {}}
        - {name: "prices/{p}", kind: topic, subscribe: [%s], keep: {}}
      """;

  private DestinationCatalogue catalogue = catalogue("trader");
  private boolean allowed = true;
  private long millis = 1;
  private final CatalogueAccessPolicy policy =
      new CatalogueAccessPolicy(
          () -> catalogue,
          question ->
              CompletableFuture.completedFuture(
                  new Verdict(allowed ? Kind.ALLOWED : Kind.REFUSED, Duration.ZERO)),
          () -> millis * 1_000_000);

  @BeforeEach
  void hearChanges() {
    policy.hearsChanges(true);
  }

  private static DestinationCatalogue catalogue(String roles) {
    return new CatalogueParser().parse(BOTH.formatted(roles));
  }

  /** Subscribes at a time. */
  private long held(Identity identity, DestinationName name, long at) {
    millis = at;
    return policy.maySubscribe(identity, name).toCompletableFuture().join().heldSince();
  }

  private void reload(DestinationCatalogue next, long at) {
    millis = at;
    catalogue = next;
    policy.changed(RightsChange.EVERYTHING);
  }

  private void saw(Identity identity, long at) {
    millis = at;
    policy.saw(identity);
  }

  @Test
  void whatTheFirstCatalogueGrantsWasAlwaysGranted() {
    policy.saw(TRADER);
    assertThat(held(TRADER, PRICE, 100)).isEqualTo(ALWAYS);
  }

  @Test
  void whatAnotherCatalogueGrantsIsGrantedSinceThen() {
    policy.saw(VIEWER);
    reload(catalogue("viewer"), 50);
    assertThat(held(VIEWER, PRICE, 100)).isEqualTo(50);
    reload(catalogue("viewer, other"), 200);
    assertThat(held(VIEWER, PRICE, 300)).isEqualTo(50);
  }

  @Test
  void aRightThatWasTakenAwayInBetweenBeginsAnew() {
    policy.saw(TRADER);
    reload(catalogue("viewer"), 50);
    reload(catalogue("'*'"), 70);
    assertThat(held(TRADER, PRICE, 100)).isEqualTo(70);
  }

  @Test
  void aRoleThatAppearsLaterGrantsSinceThen() {
    policy.saw(VIEWER);
    saw(TRADER, 50);
    saw(VIEWER, 60);
    saw(TRADER, 70);
    saw(new Identity("alice", Set.of("trader", "viewer")), 80);
    assertThat(held(TRADER, PRICE, 100)).isEqualTo(70);
  }

  @Test
  void wherePeopleWereForgottenNobodysRoleCountsAsHeldBefore() {
    RoleSightings roles = new RoleSightings(() -> millis, 1);
    roles.saw(new Identity("bob", Set.of("trader")));
    millis = 50;
    roles.saw(new Identity("carol", Set.of("trader")));
    roles.saw(VIEWER);
    roles.saw(TRADER);
    roles.saw(new Identity("dave", Set.of("trader")));
    assertThat(roles.heldSince(TRADER, Set.of("trader"))).isEqualTo(50);
  }

  @Test
  void whatIsAskedForIsHeldSinceTheFirstGrant() {
    assertThat(held(TRADER, GRAPH, 50)).isEqualTo(50);
    assertThat(held(TRADER, GRAPH, 60)).isEqualTo(50);
    assertThat(held(new Identity("bob", Set.of()), GRAPH, 70)).isEqualTo(70);
  }

  @Test
  void aRefusalBreaksIt() {
    held(TRADER, GRAPH, 50);
    allowed = false;
    assertThat(policy.maySubscribe(TRADER, GRAPH).toCompletableFuture()).isCompletedExceptionally();
    allowed = true;
    assertThat(held(TRADER, GRAPH, 70)).isEqualTo(70);
  }

  @Test
  void aChangeBreaksItUnlessASubscriptionIsConfirmed() {
    held(TRADER, GRAPH, 50);
    policy.changed(RightsChange.EVERYTHING);
    policy.mayStay(TRADER, GRAPH);
    assertThat(held(TRADER, GRAPH, 60)).isEqualTo(50);
    policy.changed(RightsChange.EVERYTHING);
    assertThat(held(TRADER, GRAPH, 70)).isEqualTo(70);
  }
}
