package io.longspan.jms;

import io.longspan.bridge.MessageBroker.ConnectionListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what it hears of a connection: {@code connected} and {@code lost}. */
class HeardConnections implements ConnectionListener {
  final List<String> heard = new CopyOnWriteArrayList<>();

  @Override
  public void brokerConnected() {
    heard.add("connected");
  }

  @Override
  public void brokerLost() {
    heard.add("lost");
  }
}
