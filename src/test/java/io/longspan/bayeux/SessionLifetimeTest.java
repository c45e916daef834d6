package io.longspan.bayeux;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.access.AccessPolicy;
import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.bridge.ClientChannel;
import io.longspan.bridge.ClientSession;
import io.longspan.bridge.MessageBroker;
import io.longspan.bridge.TestBridges;
import io.longspan.budget.MemoryBudget;
import io.longspan.identity.Credential.Password;
import io.longspan.identity.Credential.SignIn;
import io.longspan.identity.Credential.Token;
import io.longspan.identity.Identity;
import io.longspan.identity.RealmUser;
import io.longspan.identity.RealmUsers;
import io.longspan.protocol.SessionEnd;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a session rests on, and when it ends with it. */
final class SessionLifetimeTest {
  private static final Identity ALICE = new Identity("alice", Set.of("reader"));
  private static final long NEVER = 0;

  private final BayeuxJMSBridge bridge =
      TestBridges.create(
          idle(MessageBroker.class),
          idle(AccessPolicy.class),
          (task, delay) -> {},
          () -> 0,
          new MemoryBudget(1L << 30, 1L << 30));
  private final ClientSession client = bridge.join("c", ALICE, idle(ClientChannel.class));
  private final List<SessionEnd> ends = new ArrayList<>();
  private final SessionLifetime lifetime = new SessionLifetime(client, bridge, ends::add, 0);

  /** A port that does nothing: a lifetime needs none of them. */
  private static <T> T idle(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> method.getReturnType() == long.class ? 0L : null));
  }

  private static Token token(long issuedAt, long endsAt) {
    return new Token(ALICE, issuedAt, endsAt);
  }

  @Test
  void endsWithTheNewestTokenWhicheverCameLast() {
    lifetime.present(List.of(token(10, 200)));
    lifetime.present(List.of(token(5, 100)));
    lifetime.sweep(199, 0, NEVER);
    assertThat(ends).isEmpty();
    lifetime.sweep(200, 0, NEVER);
    assertThat(ends).containsExactly(SessionEnd.TOKEN_EXPIRED);
  }

  @Test
  void endsWithThePasswordThatTheRealmWithdraws() {
    RealmUsers users = new RealmUsers(Optional.empty());
    RealmUser user = users.admit(ALICE, Optional.empty()).orElseThrow();
    lifetime.present(List.of(new Password(user)));
    lifetime.sweep(0, 0, NEVER);
    assertThat(ends).isEmpty();
    users.withdraw("alice");
    lifetime.sweep(0, 0, NEVER);
    assertThat(ends).containsExactly(SessionEnd.CREDENTIAL_ENDED);
  }

  @Test
  void endsAfterATimeWithoutMessages() {
    lifetime.sweep(0, 999, 1000);
    lifetime.active(999);
    lifetime.sweep(0, 1998, 1000);
    assertThat(ends).isEmpty();
    lifetime.sweep(0, 1999, 1000);
    assertThat(ends).containsExactly(SessionEnd.IDLE);
  }

  @Test
  void endsWithAnySignInThatItWasUsedBy() {
    SignIn first = new SignIn(new RealmUser(ALICE), 100);
    SignIn second = new SignIn(new RealmUser(ALICE), 100);
    lifetime.present(List.of(first));
    lifetime.present(List.of(second));
    first.end(SessionEnd.LOGGED_OUT);
    assertThat(ends).containsExactly(SessionEnd.LOGGED_OUT);
  }

  @Test
  void hearsNothingOnceItIsClosed() {
    SignIn before = new SignIn(new RealmUser(ALICE), 100);
    SignIn after = new SignIn(new RealmUser(ALICE), 100);
    lifetime.present(List.of(before));
    lifetime.close();
    lifetime.present(List.of(after));
    before.end(SessionEnd.LOGGED_OUT);
    after.end(SessionEnd.LOGGED_OUT);
    assertThat(ends).isEmpty();
  }

  @Test
  void theLastCredentialOfARequestSaysWhichRolesItsUserHas() {
    Identity writer = new Identity("alice", Set.of("writer"));
    lifetime.present(List.of(new Password(writer), token(1, 100)));
    assertThat(client.identity().roles()).containsExactly("reader");
    lifetime.present(List.of(token(2, 100), new Password(writer)));
    assertThat(client.identity().roles()).containsExactly("writer");
  }
}
