package io.longspan.chaos;

import io.longspan.external.LinkProxy;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** A bridge's way to its broker: a link to each of the broker's addresses, all treated alike. */
final class BrokerWay implements AutoCloseable {
  private final List<URI> targets;
  private final List<LinkProxy> links;

  /**
   * Opens the links.
   *
   * @param urls the broker's addresses on this machine
   */
  BrokerWay(List<String> urls) {
    targets = urls.stream().map(URI::create).toList();
    links = targets.stream().map(url -> new LinkProxy("127.0.0.1", url.getPort())).toList();
  }

  /** Returns the addresses at which the bridge reaches the broker. */
  List<String> urls() {
    return IntStream.range(0, links.size())
        .mapToObj(i -> targets.get(i).getScheme() + "://127.0.0.1:" + links.get(i).port())
        .toList();
  }

  /** Resets all connections. */
  void cut() {
    links.forEach(LinkProxy::cut);
  }

  /** Resets all connections, and new ones until {@link #heal}. */
  void block() {
    links.forEach(LinkProxy::block);
  }

  /** Lets nothing pass until {@link #heal}. */
  void freeze() {
    links.forEach(LinkProxy::freeze);
  }

  /** Lets everything pass again. */
  void heal() {
    links.forEach(LinkProxy::heal);
  }

  /** Delays what the broker says. */
  void delayAnswers(Duration delay) {
    links.forEach(link -> link.delayAnswers(delay));
  }

  @Override
  public void close() {
    links.forEach(LinkProxy::close);
  }
}
