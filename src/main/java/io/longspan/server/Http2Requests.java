package io.longspan.server;

import org.eclipse.jetty.http.BadMessageException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;

/**
 * Gives a request of HTTP/2 the form that all checks expect of HTTP/1.1: exactly one {@code Host},
 * the scheme of the connection, and a header within the same limits.
 */
final class Http2Requests implements HttpConfiguration.Customizer {
  private final int maxHeaderBytes;

  /**
   * Creates the customizer.
   *
   * @param maxHeaderBytes maximum size of the URI and of all header fields, in bytes
   */
  Http2Requests(int maxHeaderBytes) {
    this.maxHeaderBytes = maxHeaderBytes;
  }

  @Override
  public Request customize(Request request, HttpFields.Mutable responseHeaders) {
    if (request.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_2) {
      return request;
    }
    HttpURI uri = request.getHttpURI();
    checkSize(uri, request.getHeaders());
    return new OfHttp1(request, hostOf(uri, request.getHeaders()));
  }

  private void checkSize(HttpURI uri, HttpFields headers) {
    long bytes = uri.asString().length();
    for (HttpField field : headers) {
      bytes += field.getName().length() + String.valueOf(field.getValue()).length();
    }
    if (bytes > maxHeaderBytes || headers.size() > BoundedHttpConnection.MAX_HEADER_FIELDS) {
      throw new HttpException.RuntimeException(
          HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431, "the header is too large");
    }
  }

  /** A client must not write two hosts: one check would see the one, and another the other. */
  private static String hostOf(HttpURI uri, HttpFields headers) {
    String authority = uri.getAuthority();
    for (String host : headers.getValuesList(HttpHeader.HOST)) {
      if (authority != null && !authority.isEmpty() && !authority.equalsIgnoreCase(host)) {
        throw new BadMessageException("Host and :authority differ");
      }
      authority = host;
    }
    if (authority == null || authority.isEmpty()) {
      throw new BadMessageException("No :authority and no Host");
    }
    return authority;
  }

  private static final class OfHttp1 extends Request.Wrapper {
    private final boolean secure;
    private final HttpURI uri;
    private final HttpFields headers;

    OfHttp1(Request request, String host) {
      super(request);
      this.secure = request.getConnectionMetaData().getConnection().getEndPoint().isSecure();
      this.uri =
          HttpURI.build(request.getHttpURI()).scheme(secure ? "https" : "http").asImmutable();
      this.headers =
          HttpFields.build(request.getHeaders()).put(HttpHeader.HOST, host).asImmutable();
    }

    @Override
    public boolean isSecure() {
      return secure;
    }

    @Override
    public HttpURI getHttpURI() {
      return uri;
    }

    @Override
    public HttpFields getHeaders() {
      return headers;
    }
  }
}
