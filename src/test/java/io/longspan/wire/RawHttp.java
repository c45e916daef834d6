package io.longspan.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** HTTP as text, for what no HTTP client would send, and from an address of one's choice. */
final class RawHttp {
  private RawHttp() {}

  /**
   * Posts a body.
   *
   * @param from a local address of this machine, such as {@code 127.0.0.2}
   * @param headers whole lines; without a content type it is JSON
   * @return the whole answer
   */
  static String exchange(URI url, String from, List<String> headers, String body)
      throws IOException {
    return exchange("POST", url, from, headers, body);
  }

  /** Gets a page; the answer is the whole one. */
  static String get(URI url, String from, String... headers) throws IOException {
    return exchange("GET", url, from, List.of(headers), "");
  }

  private static String exchange(
      String method, URI url, String from, List<String> headers, String body) throws IOException {
    try (Socket socket = new Socket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
      socket.connect(new InetSocketAddress(url.getHost(), url.getPort()));
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      StringBuilder head =
          new StringBuilder()
              .append(method)
              .append(' ')
              .append(url.getRawPath())
              .append(" HTTP/1.1\r\nHost: ")
              .append(url.getAuthority())
              .append("\r\nConnection: close\r\nContent-Length: ")
              .append(bytes.length)
              .append("\r\n");
      if (headers.stream().noneMatch(line -> line.startsWith("Content-Type"))) {
        head.append("Content-Type: application/json\r\n");
      }
      headers.forEach(line -> head.append(line).append("\r\n"));
      head.append("\r\n");
      socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
