package io.longspan.demo;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.jena.query.QueryCancelledException;
import org.apache.jena.query.QueryParseException;
import org.apache.jena.query.Syntax;
import org.apache.jena.shared.JenaException;
import org.apache.jena.sparql.exec.UpdateExec;
import org.apache.jena.sparql.modify.request.UpdateLoad;
import org.apache.jena.update.Update;
import org.apache.jena.update.UpdateFactory;
import org.apache.jena.update.UpdateRequest;

/** Runs SPARQL updates on a user's dataset, in the caller's transaction. */
final class UpdateRunner {

  private final Duration timeout;

  /** Creates a runner with a time limit for each update. */
  UpdateRunner(Duration timeout) {
    this.timeout = timeout;
  }

  /**
   * Parses an update without running it.
   *
   * @throws ServiceException {@code syntax}, or {@code forbidden} for LOAD
   */
  UpdateRequest parse(String text) {
    UpdateRequest request;
    try {
      request = UpdateFactory.create(text, SparqlContext.BASE, Syntax.syntaxSPARQL_11);
    } catch (QueryParseException e) {
      throw new ServiceException(ErrorCode.syntax, "SPARQL: " + e.getMessage(), e);
    }
    for (Update update : request) {
      if (update instanceof UpdateLoad) {
        throw new ServiceException(
            ErrorCode.forbidden, "LOAD reads from elsewhere: use the operation load.");
      }
    }
    return request;
  }

  /**
   * Runs an update; blocks for at most the timeout. If it throws, the caller must abort the
   * transaction.
   *
   * @throws ServiceException {@code forbidden}, {@code badRequest} or {@code tooLarge}
   */
  void run(UserDataset dataset, UpdateRequest request) {
    SparqlContext.restrict(dataset.getContext());
    try {
      UpdateExec.newBuilder()
          .dataset(dataset)
          .context(dataset.getContext())
          .update(request)
          .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
          .execute();
    } catch (QueryCancelledException e) {
      throw new ServiceException(
          ErrorCode.tooLarge, "The update took longer than " + timeout.toSeconds() + " s.", e);
    } catch (JenaException e) {
      throw new ServiceException(ErrorCode.badRequest, "SPARQL: " + e.getMessage(), e);
    }
  }
}
