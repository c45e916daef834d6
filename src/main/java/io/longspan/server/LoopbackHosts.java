package io.longspan.server;

import io.longspan.config.LongspanConfig;
import java.net.URI;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Rejects requests whose {@code Host} is not a name of this server. Used if the server listens on
 * loopback only.
 *
 * <p>It prevents DNS rebinding. The owner of a domain can point its name to 127.0.0.1 after a page
 * was loaded. The browser then treats the page and this server as the same origin, but {@code Host}
 * still contains the domain.
 */
final class LoopbackHosts extends Handler.Wrapper {
  private static final Pattern PORT = Pattern.compile(":[0-9]*$");
  private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

  private final Set<String> names = new HashSet<>();

  LoopbackHosts(Handler next, LongspanConfig config) {
    super(next);
    names.add(config.http().host().toLowerCase(Locale.ROOT));
    for (String origin : config.security().allowedOrigins()) {
      names.add(URI.create(origin).getHost());
    }
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (isServed(request)) {
      return super.handle(request, response, callback);
    }
    Response.writeError(request, response, callback, HttpStatus.MISDIRECTED_REQUEST_421);
    return true;
  }

  /**
   * A page can send X-Forwarded-Host to its own origin, so the original Host must match as well;
   * with HTTP/2 that is a wrapper's, made of {@code :authority}.
   */
  private boolean isServed(Request request) {
    Request layer = request;
    while (layer instanceof Request.Wrapper wrapper) {
      if (!hasServedHost(layer)) {
        return false;
      }
      layer = wrapper.getWrapped();
    }
    return hasServedHost(layer);
  }

  private boolean hasServedHost(Request request) {
    return request.getHeaders().getValuesList(HttpHeader.HOST).stream().allMatch(this::isServed);
  }

  private boolean isServed(String host) {
    String name = PORT.matcher(host).replaceFirst("").toLowerCase(Locale.ROOT);
    return name.equals("localhost")
        || name.endsWith(".localhost") // browsers never look it up
        || isAddress(name)
        || names.contains(name);
  }

  /** An address cannot be rebound. */
  private static boolean isAddress(String name) {
    return name.startsWith("[") || ADDRESS.matcher(name).matches();
  }
}
