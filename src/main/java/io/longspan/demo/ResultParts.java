package io.longspan.demo;

import jakarta.jms.JMSException;

/** Receives the parts of a query result in order. */
@FunctionalInterface
interface ResultParts {

  String SPARQL_JSON = "application/json";
  String N_TRIPLES = "application/n-triples";

  /**
   * Receives the next part.
   *
   * @param body a complete document of this content type
   * @param last true for the last part
   */
  void part(String contentType, String body, boolean last) throws JMSException;
}
