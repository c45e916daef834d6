package io.longspan.identity;

import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jwt.JWTClaimsSet;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads the user and roles from the claims of a token. Invalid names are rejected, not repaired, so
 * that two names can never become one.
 */
final class TokenClaims {
  /** Maximum length of a user or role name, in UTF-16 units. */
  private static final int MAX_LENGTH = 255;

  private final String userClaim;
  private final String rolesClaim;

  TokenClaims(String userClaim, String rolesClaim) {
    this.userClaim = userClaim;
    this.rolesClaim = rolesClaim;
  }

  Identity identity(JWTClaimsSet set) throws BadJOSEException {
    if (!(set.getClaim(userClaim) instanceof String user) || !isName(user)) {
      throw new BadJOSEException("no usable user name");
    }
    return new Identity(user, roles(set.getClaim(rolesClaim)));
  }

  private static Set<String> roles(Object claim) throws BadJOSEException {
    Collection<?> given;
    if (claim == null) {
      given = List.of();
    } else if (claim instanceof String text) {
      given = Arrays.stream(text.split(" ")).filter(role -> !role.isEmpty()).toList();
    } else if (claim instanceof Collection<?> list) {
      given = list;
    } else {
      throw new BadJOSEException("roles of another type");
    }
    Set<String> roles = new LinkedHashSet<>();
    for (Object role : given) {
      // The client gets its roles one per line, so a line break would turn one role into two.
      if (!(role instanceof String name) || !isName(name)) {
        throw new BadJOSEException("no usable role");
      }
      roles.add(name);
    }
    return Collections.unmodifiableSet(roles);
  }

  private static boolean isName(String name) {
    return name.length() <= MAX_LENGTH
        && !name.isBlank()
        && name.codePoints().noneMatch(TokenClaims::isUnfit);
  }

  /**
   * Returns whether a name must not contain a character. A line break would split a role in two,
   * and a lone surrogate has no UTF-8 encoding.
   */
  private static boolean isUnfit(int codePoint) {
    int type = Character.getType(codePoint);
    return type == Character.CONTROL
        || type == Character.SURROGATE
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR;
  }
}
