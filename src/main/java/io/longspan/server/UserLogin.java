package io.longspan.server;

import io.longspan.identity.RolePrincipal;
import java.util.List;
import java.util.Set;
import org.eclipse.jetty.security.AbstractLoginService;
import org.eclipse.jetty.security.UserPrincipal;

/** Jetty's login service for users and passwords; its principals know their roles. */
final class UserLogin extends AbstractLoginService {

  private final UserAccounts accounts;

  UserLogin(String realm, UserAccounts accounts) {
    this.accounts = accounts;
    setName(realm);
  }

  @Override
  protected UserPrincipal loadUserInfo(String userName) {
    return accounts.account(userName).map(account -> new User(userName, account)).orElse(null);
  }

  @Override
  protected List<org.eclipse.jetty.security.RolePrincipal> loadRoleInfo(UserPrincipal user) {
    return ((User) user)
        .roles().stream().map(org.eclipse.jetty.security.RolePrincipal::new).toList();
  }

  @SuppressWarnings("serial") // Jetty's principals are serializable; sessions here never are
  private static final class User extends UserPrincipal implements RolePrincipal {

    private final Set<String> roles;

    User(String name, Account account) {
      super(name, account.credential());
      this.roles = account.roles();
    }

    @Override
    public Set<String> roles() {
      return roles;
    }
  }
}
