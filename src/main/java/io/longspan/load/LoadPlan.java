package io.longspan.load;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a load run does.
 *
 * @param endpoint the Bayeux endpoint of the bridge
 * @param accounts the users; the clients take them in turn
 * @param clients the number of clients, at least 1
 * @param transports the transports; the clients take them in turn
 * @param duration how long the load lasts after all clients have connected
 * @param destination where requests go to; empty for no requests
 * @param rate requests per second of all clients; 0: each client sends its next request when the
 *     last one is answered
 * @param bytes the size of bodies, in characters
 * @param topic the topic that all clients subscribe to; empty for none
 * @param publications messages per second to the topic, by the first client
 */
public record LoadPlan(
    URI endpoint,
    List<Account> accounts,
    int clients,
    List<Transport> transports,
    Duration duration,
    Optional<String> destination,
    int rate,
    int bytes,
    Optional<String> topic,
    int publications) {

  /** A user and the password. */
  public record Account(String user, String password) {
    /** Returns the user only. */
    @Override
    public String toString() {
      return user;
    }
  }

  /** A Bayeux transport. */
  public enum Transport {
    WEBSOCKET,
    LONG_POLLING
  }

  public LoadPlan {
    accounts = List.copyOf(accounts);
    transports = List.copyOf(transports);
  }
}
