package io.longspan.bridge;

import io.longspan.protocol.Payload;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An outbox that keeps what it was given. */
final class RecordingOutbox implements ClientOutbox {
  final List<Payload> payloads = new CopyOnWriteArrayList<>();
  volatile String ended;

  @Override
  public void deliver(Payload payload) {
    payloads.add(payload);
  }

  @Override
  public void deliver(Payload payload, Recall recall) {
    payloads.add(payload);
  }

  @Override
  public void discardRecalled() {}

  @Override
  public void disconnect(String reason) {
    ended = reason;
  }

  @Override
  public Status status() {
    return new Status("test", "127.0.0.1", payloads.size(), 0);
  }

  List<String> texts() {
    return payloads.stream().map(Payload::members).toList();
  }
}
