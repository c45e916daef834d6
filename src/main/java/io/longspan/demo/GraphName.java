package io.longspan.demo;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.jena.graph.Node;
import org.apache.jena.graph.NodeFactory;
import org.apache.jena.irix.IRIException;
import org.apache.jena.irix.IRIx;

/**
 * URI of a named graph of users. It must be absolute, outside the store's own names, and short
 * enough for a topic name.
 */
final class GraphName {

  private static final String TOPIC_PREFIX = "namedgraphs/(";
  private static final String TOPIC_SUFFIX = ")";

  /** Maximum length of a logical name in a bridge, in characters. */
  private static final int MAX_TOPIC_LENGTH = 512;

  private GraphName() {}

  /**
   * Returns the node of a user's graph.
   *
   * @throws ServiceException {@code badRequest} if the URI is unusable, {@code forbidden} if it
   *     belongs to the store
   */
  static Node of(String uri) {
    try {
      if (!IRIx.create(uri).isReference()) {
        throw new ServiceException(ErrorCode.badRequest, "A graph's name is an absolute URI.");
      }
    } catch (IRIException e) {
      throw new ServiceException(ErrorCode.badRequest, "A graph's name is an absolute URI.", e);
    }
    return check(NodeFactory.createURI(uri));
  }

  /** Returns the same node, or throws like {@link #of}. */
  static Node check(Node graph) {
    if (!graph.isURI() || graph.getURI().indexOf(':') < 1) {
      throw new ServiceException(ErrorCode.badRequest, "A graph's name is an absolute URI.");
    }
    String uri = graph.getURI();
    if (isReserved(uri)) {
      throw new ServiceException(ErrorCode.forbidden, "This graph belongs to the store itself.");
    }
    if (topic(uri).length() > MAX_TOPIC_LENGTH) {
      throw new ServiceException(
          ErrorCode.badRequest,
          "The graph's URI is too long: its topic may have " + MAX_TOPIC_LENGTH + " characters.");
    }
    return graph;
  }

  static boolean isReserved(String uri) {
    return uri.startsWith("urn:longspan:") || uri.startsWith("urn:x-arq:");
  }

  /** Returns the topic for changes of a graph. */
  static String topic(String uri) {
    StringBuilder name = new StringBuilder(TOPIC_PREFIX);
    for (byte b : uri.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xFF);
      if (isUnreserved(c)) {
        name.append(c);
      } else {
        name.append('%').append(hex(c >> 4)).append(hex(c & 0xF));
      }
    }
    return name.append(TOPIC_SUFFIX).toString();
  }

  /** Returns the graph's URI from its topic; empty if no graph has this topic. */
  static Optional<String> ofTopic(String topic) {
    if (!topic.startsWith(TOPIC_PREFIX) || !topic.endsWith(TOPIC_SUFFIX)) {
      return Optional.empty();
    }
    String encoded = topic.substring(TOPIC_PREFIX.length(), topic.length() - 1);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
    for (int i = 0; i < encoded.length(); i++) {
      char c = encoded.charAt(i);
      if (c != '%') {
        bytes.write(c);
      } else if (i + 2 < encoded.length()) {
        bytes.write(
            Character.digit(encoded.charAt(i + 1), 16) << 4
                | Character.digit(encoded.charAt(i + 2), 16) & 0xF);
        i += 2;
      }
    }
    String uri = bytes.toString(StandardCharsets.UTF_8);
    // Only the canonical topic name counts, so that a graph has exactly one.
    return topic(uri).equals(topic) ? Optional.of(uri) : Optional.empty();
  }

  private static boolean isUnreserved(char c) {
    return c >= 'A' && c <= 'Z'
        || c >= 'a' && c <= 'z'
        || c >= '0' && c <= '9'
        || c == '-'
        || c == '_'
        || c == '.'
        || c == '~';
  }

  private static char hex(int digit) {
    return Character.toUpperCase(Character.forDigit(digit, 16));
  }
}
