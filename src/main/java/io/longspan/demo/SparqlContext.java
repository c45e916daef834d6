package io.longspan.demo;

import org.apache.jena.query.ARQ;
import org.apache.jena.sparql.function.FunctionFactory;
import org.apache.jena.sparql.function.FunctionRegistry;
import org.apache.jena.sparql.service.ServiceExecutorRegistry;
import org.apache.jena.sparql.util.Context;

/**
 * Restricts SPARQL to the standard language on the given dataset. There is no remote access, no
 * Java class by name, and no function beyond those that ARQ registers.
 */
final class SparqlContext {

  /** Base of relative IRIs; ARQ's default would be the working directory of the process. */
  static final String BASE = "https://example.org/graphs/";

  private SparqlContext() {}

  static void restrict(Context context) {
    context.set(ARQ.httpServiceAllowed, false);
    context.set(ARQ.enablePropertyFunctions, false);
    ServiceExecutorRegistry.set(context, new ServiceExecutorRegistry());
    FunctionRegistry.set(context, new RegisteredFunctions(FunctionRegistry.get()));
  }

  /**
   * Only registered functions, because ARQ's registry would load classes for {@code java:} URIs.
   */
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
