package io.longspan.jms;

import jakarta.jms.JMSException;

/** A message that cannot be forwarded, however often it is tried. */
public final class MessageFormatProblem extends JMSException {
  private static final long serialVersionUID = 1L;

  MessageFormatProblem(String reason) {
    super(reason);
  }
}
