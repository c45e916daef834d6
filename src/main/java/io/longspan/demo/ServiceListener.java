package io.longspan.demo;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Receives the requests of one queue. A failed request does not stop it. */
final class ServiceListener implements MessageListener {

  private static final Logger LOG = LoggerFactory.getLogger(ServiceListener.class);

  private final Service service;
  private final Answers answers;
  private final Clock clock;

  ServiceListener(Service service, Answers answers, Clock clock) {
    this.service = service;
    this.answers = answers;
    this.clock = clock;
  }

  @Override
  public void onMessage(Message message) {
    Request request;
    try {
      request = Request.of(message);
    } catch (JMSException | RuntimeException e) {
      LOG.warn("A request could not be read", e);
      return;
    }
    if (!request.isExpired(clock.millis())) {
      answers.guard(request, a -> service.handle(request, a));
    }
  }
}
