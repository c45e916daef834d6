package io.longspan.demo;

import jakarta.jms.JMSException;

/** Handles the requests of one queue. */
@FunctionalInterface
interface Service {

  /**
   * Answers a request, or passes it to another thread that will answer. Called on the queue's
   * delivery thread; must not block for long.
   *
   * @throws ServiceException error for the requester
   * @throws JMSException if the answer could not be sent
   */
  void handle(Request request, Answers answers) throws JMSException;
}
