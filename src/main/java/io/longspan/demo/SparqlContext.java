package io.longspan.demo;

import org.apache.jena.query.ARQ;
import org.apache.jena.sparql.function.FunctionFactory;
import org.apache.jena.sparql.function.FunctionRegistry;
import org.apache.jena.sparql.service.ServiceExecutorRegistry;
import org.apache.jena.sparql.util.Context;

/**
 * What SPARQL may do here: the standard language on the given dataset. No remote access, no Java
 * classes called by name, no functions beyond those that ARQ registers.
 */
final class SparqlContext {

  /** Base of relative IRIs; ARQ's own would be the working directory of this process. */
  static final String BASE = "https://example.org/graphs/";

  private SparqlContext() {}

  static void restrict(Context context) {
    context.set(ARQ.httpServiceAllowed, false);
    context.set(ARQ.enablePropertyFunctions, false);
    ServiceExecutorRegistry.set(context, new ServiceExecutorRegistry());
    FunctionRegistry.set(context, new RegisteredFunctions(FunctionRegistry.get()));
  }

  /** Functions by their registered URI only: ARQ's own registry loads classes for {@code java:}. */
  private static final class RegisteredFunctions extends FunctionRegistry {

    private final FunctionRegistry registered;

    RegisteredFunctions(FunctionRegistry registered) {
      this.registered = registered;
    }

    @Override
    public FunctionFactory get(String uri) {
      return registered.isRegistered(uri) ? registered.get(uri) : null;
    }

    @Override
    public boolean isRegistered(String uri) {
      return registered.isRegistered(uri);
    }
  }
}
