package io.longspan.demo;

import jakarta.jms.JMSException;

/** Takes the parts of a query's result in their order. */
@FunctionalInterface
interface ResultParts {

  String SPARQL_JSON = "application/json";
  String N_TRIPLES = "application/n-triples";

  /**
   * Takes the next part.
   *
   * @param body a complete document of that type
   * @param last whether no other part follows
   */
  void part(String contentType, String body, boolean last) throws JMSException;
}
