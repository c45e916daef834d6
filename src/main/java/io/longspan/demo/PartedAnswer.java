package io.longspan.demo;

import jakarta.jms.JMSException;
import java.util.HashMap;
import java.util.Map;

/** Numbers the parts of an answer; a single part has no number. */
final class PartedAnswer implements ResultParts {

  private final Request request;
  private final Answers answers;
  private final Map<String, Object> propertiesOfLast;
  private int sequence;

  PartedAnswer(Request request, Answers answers, Map<String, Object> propertiesOfLast) {
    this.request = request;
    this.answers = answers;
    this.propertiesOfLast = propertiesOfLast;
  }

  @Override
  public void part(String contentType, String body, boolean last) throws JMSException {
    Map<String, Object> properties = new HashMap<>();
    properties.put("contentType", contentType);
    if (sequence > 0 || !last) {
      number(properties, last);
    }
    if (last) {
      properties.putAll(propertiesOfLast);
    }
    answers.text(request, body, properties);
  }

  void error(ServiceException e) throws JMSException {
    Map<String, Object> properties = new HashMap<>();
    if (sequence > 0) {
      number(properties, true);
    }
    answers.error(request, e.code(), e.getMessage(), properties);
  }

  private void number(Map<String, Object> properties, boolean last) {
    properties.put("sequence", ++sequence);
    properties.put("done", Boolean.toString(last));
  }
}
