package io.longspan.bayeux;

import io.longspan.identity.Credential;
import io.longspan.identity.Credential.Token;
import io.longspan.identity.Identity;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.cometd.server.websocket.common.AbstractBayeuxContext;

/**
 * The sender of the requests on one WebSocket: a copy of the upgrade request, and the credentials.
 * The copy is needed, because the request is not valid after the upgrade.
 *
 * <p>The connection belongs to one user: the user of the upgrade, or else the user of the first
 * token in a message. May be used on any thread; never blocks.
 */
public final class WebSocketCaller extends AbstractBayeuxContext {
  private final Optional<Credential> upgrade;

  /** The newest token of the upgrade or of a message; null if there is none. Guarded by this. */
  private Token token;

  /** Null until the connection is open. */
  private volatile OpenSocket socket;

  /** Whether the connection was revoked. Guarded by this. */
  private boolean ended;

  /**
   * Copies an upgrade request.
   *
   * @param request the upgrade request
   * @param upgrade the credential of the request; empty if the handshake must carry a token
   */
  public WebSocketCaller(HttpServletRequest request, Optional<Credential> upgrade) {
    super(
        request.getRequestURL().toString(),
        request.getContextPath(),
        request.getQueryString(),
        headers(request),
        Map.of(),
        request.getUserPrincipal(),
        InetSocketAddress.createUnresolved(request.getLocalAddr(), request.getLocalPort()),
        InetSocketAddress.createUnresolved(request.getRemoteAddr(), request.getRemotePort()),
        List.of(request.getLocale()),
        request.getProtocol(),
        request.isSecure());
    // A newer token replaces a token of the upgrade; any other credential stays.
    this.upgrade = upgrade.filter(credential -> !(credential instanceof Token));
    this.token = upgrade.map(c -> c instanceof Token t ? t : null).orElse(null);
  }

  private static Map<String, List<String>> headers(HttpServletRequest request) {
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String name : List.of("User-Agent", "Origin")) {
      List<String> values = new ArrayList<>(Collections.list(request.getHeaders(name)));
      if (!values.isEmpty()) {
        headers.put(name, values);
      }
    }
    return headers;
  }

  /**
   * Returns the credentials of the connection, all of one user; empty if it has no user, or was
   * revoked.
   */
  synchronized List<Credential> credentials() {
    if (ended) {
      return List.of();
    }
    List<Credential> all = new ArrayList<>(2);
    upgrade.ifPresent(all::add);
    if (token != null) {
      all.add(token);
    }
    return all;
  }

  /**
   * Adds a token to the connection, or replaces its token if the new one is newer.
   *
   * @return false if the token belongs to another user, or if the connection was revoked
   */
  synchronized boolean adopt(Token presented) {
    String user = presented.identity().user();
    if (ended || !credentials().stream().allMatch(c -> c.identity().user().equals(user))) {
      return false;
    }
    if (token == null || presented.isNewerThan(token)) {
      token = presented;
    }
    return true;
  }

  /** Returns the user of the connection; empty if there is none. */
  Optional<Identity> user() {
    List<Credential> known = credentials();
    return known.isEmpty() ? Optional.empty() : Optional.of(known.get(known.size() - 1).identity());
  }

  /** Returns the remote host as text, without the port. */
  String remoteHost() {
    return ((InetSocketAddress) getRemoteAddress()).getHostString();
  }

  void opened(OpenSocket opened) {
    socket = opened;
  }

  /** Returns whether the connection is closed. */
  boolean isClosed() {
    OpenSocket open = socket;
    return open != null && open.isClosed();
  }

  /**
   * Assigns the connection to the user of its first token, if it had none before.
   *
   * @return false if the user has too many connections
   */
  boolean settle() {
    OpenSocket open = socket;
    return open == null || !open.isStranger() || user().map(open::assignTo).orElse(true);
  }

  /** Returns whether the connection belongs to the user. */
  boolean isOf(String user) {
    return credentials().stream().anyMatch(c -> c.identity().user().equals(user));
  }

  /**
   * Returns whether the connection has a user, and all its credentials are valid.
   *
   * @param now milliseconds since 1970
   */
  synchronized boolean isSomebody(long now) {
    return !ended
        && (upgrade.isPresent() || token != null)
        && (upgrade.isEmpty() || upgrade.get().isValid(now))
        && (token == null || token.isValid(now));
  }

  /** Revokes the connection: it has no user any more, whatever credentials follow. */
  synchronized void end() {
    ended = true;
  }

  @Override
  public Object getRequestAttribute(String name) {
    return null;
  }
}
