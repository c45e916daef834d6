package io.longspan.demo;

import org.apache.jena.sparql.expr.NodeValue;
import org.apache.jena.sparql.function.FunctionBase1;

/** A SPARQL function that leaves a trace when somebody calls it by its class name. */
public final class CalledByName extends FunctionBase1 {

  static final String TRACE = "demo.calledByName";

  @Override
  public NodeValue exec(NodeValue value) {
    System.setProperty(TRACE, "true");
    return value;
  }
}
