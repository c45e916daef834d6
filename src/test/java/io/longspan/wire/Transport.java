package io.longspan.wire;

import java.net.URI;

/** The transports that every feature works on. */
public enum Transport {
  LONG_POLLING {
    @Override
    public RawBayeuxClient client(URI url, String user, String password) {
      return new LongPollingClient(url, user, password);
    }
  },
  WEBSOCKET {
    @Override
    public RawBayeuxClient client(URI url, String user, String password) {
      return new WebSocketClient(url, user, password);
    }
  };

  public abstract RawBayeuxClient client(URI url, String user, String password);
}
