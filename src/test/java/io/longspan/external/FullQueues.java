package io.longspan.external;

import java.util.List;

/** Queues of the test brokers that are soon full, one for each policy of a full destination. */
public final class FullQueues {
  /** What the broker has for each of them, in bytes. */
  public static final int BYTES = 64 << 10;

  /** ActiveMQ Classic: the answer to a sender waits for room. */
  public static final String ACTIVEMQ_BLOCKING = "services/full-blocking";

  /** ActiveMQ Classic: {@code sendFailIfNoSpace}. */
  public static final String ACTIVEMQ_FAILING = "services/full-failing";

  /** RabbitMQ: {@code overflow: reject-publish}. */
  public static final String RABBITMQ_REJECTING = "services/full-rejecting";

  /** RabbitMQ: {@code overflow: drop-head}, the default. */
  public static final String RABBITMQ_DROPPING = "services/full-dropping";

  private static final String ARTEMIS = "services/full-";

  /** Artemis: senders wait for credit. */
  public static final String ARTEMIS_BLOCKING = ARTEMIS + "BLOCK";

  /** For the chaos run: nobody ever reads it; senders wait. */
  public static final String HELD = "services/held-blocking";

  /** For the chaos run: two queues that are filled and drained, whose senders wait or fail. */
  public static final List<String> FILLED =
      List.of("services/filled-blocking", "services/filled-failing");

  private FullQueues() {}

  /** Returns the queues of ActiveMQ Classic under whose policy a sender is refused. */
  public static List<String> refusingOfActiveMq() {
    return List.of(ACTIVEMQ_BLOCKING, ACTIVEMQ_FAILING);
  }

  /**
   * Returns the queues of Artemis under whose policy a sender is refused; DROP and PAGE take all.
   */
  public static List<String> refusingOfArtemis() {
    return List.of(ARTEMIS_BLOCKING, ARTEMIS + "FAIL");
  }

  /** Returns the queues of Artemis whose policy takes what is sent. */
  public static List<String> takingOfArtemis() {
    return List.of(ARTEMIS + "DROP", ARTEMIS + "PAGE");
  }

  /** Returns the {@code address-setting} elements of {@code broker.xml}. */
  static String artemisSettings() {
    StringBuilder settings = new StringBuilder();
    for (String policy : List.of("BLOCK", "FAIL", "DROP", "PAGE")) {
      settings.append(artemisSetting(ARTEMIS + policy, policy));
    }
    return settings
        .append(artemisSetting(HELD, "BLOCK"))
        .append(artemisSetting(FILLED.get(0), "BLOCK"))
        .append(artemisSetting(FILLED.get(1), "FAIL"))
        .toString();
  }

  private static String artemisSetting(String queue, String policy) {
    return """
        <address-setting match="%s">
          <max-size-bytes>%d</max-size-bytes>
          <page-size-bytes>16384</page-size-bytes>
          <address-full-policy>%s</address-full-policy>
        </address-setting>
        """
        .formatted(queue, BYTES, policy);
  }
}
