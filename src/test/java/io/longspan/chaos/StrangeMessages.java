package io.longspan.chaos;

import io.longspan.wire.TestService;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Makes the messages of publisher and service; for all threads.
 *
 * @param unreadable those that the bridge cannot read
 */
record StrangeMessages(List<TestService.Work<Message>> unreadable) {
  private static final String TOO_LARGE = "x".repeat(9 << 20);
  private static final int MAX_TIME_TO_LIVE = 2_000;

  /** Makes a message. */
  Message make(Session session, Strangeness strangeness, String body) throws JMSException {
    return switch (strangeness) {
      case NONE, EXPIRES -> session.createTextMessage(body);
      case TOO_LARGE -> session.createTextMessage(TOO_LARGE);
      case UNREADABLE -> unreadable.get(random(unreadable.size())).with(session);
    };
  }

  /** Returns the message's time to live, in milliseconds; 0: it has none. */
  long timeToLive(Strangeness strangeness) {
    return strangeness == Strangeness.EXPIRES ? 1 + random(MAX_TIME_TO_LIVE) : 0;
  }

  private static int random(int bound) {
    return ThreadLocalRandom.current().nextInt(bound);
  }
}
