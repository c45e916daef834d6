package io.longspan.demo;

import jakarta.jms.JMSException;

/** What is done with the requests of one queue. */
@FunctionalInterface
interface Service {

  /**
   * Answers a request now, or hands it to a thread that will. Runs on the queue's delivery thread
   * and must not block for long.
   *
   * @throws ServiceException what the asker gets as the error
   * @throws JMSException the answer could not be sent
   */
  void handle(Request request, Answers answers) throws JMSException;
}
