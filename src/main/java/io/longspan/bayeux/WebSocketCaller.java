package io.longspan.bayeux;

import io.longspan.security.Credential;
import io.longspan.security.Credential.Token;
import io.longspan.security.Identity;
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
 * What is known of a WebSocket client: a copy of its upgrade request, which does not outlive it,
 * and who it comes from. The connection belongs to one user: the one who did the upgrade, or else
 * the one of the first token that came in a message.
 */
public final class WebSocketCaller extends AbstractBayeuxContext {
  private final Optional<Credential> upgrade;

  /** The newest that came, with the upgrade or in a message; null: none. Guarded by this. */
  private Token token;

  /** Null until the connection is open. */
  private volatile OpenSocket socket;

  /** Guarded by this. */
  private boolean ended;

  /**
   * Copies an upgrade request.
   *
   * @param request the request
   * @param upgrade what proves who it comes from; empty where a token has to follow in the
   *     handshake
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
    // A token of the upgrade is replaced by newer ones; anything else stays.
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

  /** Returns all that proves who the connection belongs to; empty: nothing yet. */
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

  /** Takes a token in; returns whether it is of the connection's user. */
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

  /** Returns whom the connection belongs to; empty: it has no user yet. */
  Optional<Identity> user() {
    List<Credential> known = credentials();
    return known.isEmpty() ? Optional.empty() : Optional.of(known.get(known.size() - 1).identity());
  }

  /** Returns the remote address as text. */
  String remoteHost() {
    return ((InetSocketAddress) getRemoteAddress()).getHostString();
  }

  void opened(OpenSocket opened) {
    socket = opened;
  }

  /**
   * Counts the connection for the user that a token in a message has given it.
   *
   * @return false if the user has too many connections
   */
  boolean settle() {
    OpenSocket open = socket;
    return open == null || !open.isStranger() || user().map(open::assignTo).orElse(true);
  }

  /** Returns whether the connection belongs to a user. */
  boolean isOf(String user) {
    return credentials().stream().anyMatch(c -> c.identity().user().equals(user));
  }

  /**
   * Returns whether somebody is signed in on the connection, with credentials that are all good.
   */
  synchronized boolean isSomebody(long now) {
    return !ended
        && (upgrade.isPresent() || token != null)
        && (upgrade.isEmpty() || upgrade.get().isGood(now))
        && (token == null || token.isGood(now));
  }

  /** From now on the connection belongs to nobody, whatever is presented on it. */
  synchronized void end() {
    ended = true;
  }

  @Override
  public Object getRequestAttribute(String name) {
    return null;
  }
}
