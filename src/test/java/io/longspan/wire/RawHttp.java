package io.longspan.wire;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** HTTP requests whose path no library has made tidy. */
final class RawHttp {
  /** An answer: its status, its header lines and its body. */
  record Answer(int status, String head, String body) {}

  private RawHttp() {}

  /**
   * Sends one request, and reads until the server closes the connection.
   *
   * @param server names host and port
   * @param path goes into the request line as it is
   */
  static Answer send(
      URI server, String method, String path, Map<String, String> headers, String body)
      throws IOException {
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      socket.setSoTimeout(120_000);
      byte[] content = body.getBytes(StandardCharsets.UTF_8);
      StringBuilder request =
          new StringBuilder("%s %s HTTP/1.1\r\n".formatted(method, path))
              .append("Host: %s:%d\r\n".formatted(server.getHost(), server.getPort()))
              .append("Connection: close\r\n")
              .append("Content-Length: %d\r\n".formatted(content.length));
      headers.forEach(
          (name, value) -> request.append(name).append(": ").append(value).append("\r\n"));
      request.append("\r\n");
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().write(content);
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int end = answer.indexOf("\r\n\r\n");
      String head = answer.substring(0, end);
      return new Answer(Integer.parseInt(head.split(" ")[1]), head, answer.substring(end + 4));
    }
  }
}
