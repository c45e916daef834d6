package io.longspan.local.broker;

import io.longspan.protocol.DestinationName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The subscribers of topics and patterns of topics, by segments. May be used on any thread. The
 * lock guards the nodes only.
 *
 * @param <S> a subscriber
 */
final class TopicTree<S> {
  private static final class Node<S> {
    private final Map<String, Node<S>> children = new HashMap<>(2);
    private final Set<S> subscribers = new LinkedHashSet<>(2);

    boolean isEmpty() {
      return children.isEmpty() && subscribers.isEmpty();
    }
  }

  /** Guarded by this. */
  private final Node<S> root = new Node<>();

  synchronized void add(String pattern, S subscriber) {
    Node<S> node = root;
    for (String segment : pattern.split("/", -1)) {
      node = node.children.computeIfAbsent(segment, s -> new Node<>());
    }
    node.subscribers.add(subscriber);
  }

  synchronized void remove(String pattern, S subscriber) {
    remove(root, pattern.split("/", -1), 0, subscriber);
  }

  private void remove(Node<S> node, String[] segments, int at, S subscriber) {
    if (at == segments.length) {
      node.subscribers.remove(subscriber);
      return;
    }
    Node<S> child = node.children.get(segments[at]);
    if (child != null) {
      remove(child, segments, at + 1, subscriber);
      if (child.isEmpty()) {
        node.children.remove(segments[at]);
      }
    }
  }

  /** Returns a copy: the subscribers of a topic and of the patterns that match it. */
  synchronized List<S> find(String topic) {
    List<S> found = new ArrayList<>();
    find(root, topic.split("/", -1), 0, found);
    return found;
  }

  private void find(Node<S> node, String[] segments, int at, List<S> found) {
    if (at == segments.length) {
      found.addAll(node.subscribers);
      return;
    }
    Node<S> rest = node.children.get(DestinationName.ANY_REST);
    if (rest != null) {
      found.addAll(rest.subscribers);
    }
    for (String step : List.of(segments[at], DestinationName.ANY_SEGMENT)) {
      Node<S> child = node.children.get(step);
      if (child != null) {
        find(child, segments, at + 1, found);
      }
    }
  }
}
