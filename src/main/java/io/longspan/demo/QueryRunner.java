package io.longspan.demo;

import jakarta.jms.JMSException;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.apache.jena.atlas.iterator.Iter;
import org.apache.jena.graph.Triple;
import org.apache.jena.query.ARQ;
import org.apache.jena.query.Query;
import org.apache.jena.query.QueryCancelledException;
import org.apache.jena.query.QueryFactory;
import org.apache.jena.query.QueryParseException;
import org.apache.jena.query.Syntax;
import org.apache.jena.riot.RDFDataMgr;
import org.apache.jena.riot.resultset.ResultSetLang;
import org.apache.jena.shared.JenaException;
import org.apache.jena.sparql.core.Var;
import org.apache.jena.sparql.exec.QueryExec;
import org.apache.jena.sparql.exec.RowSet;
import org.apache.jena.sparql.exec.RowSetStream;
import org.apache.jena.sparql.resultset.ResultsWriter;

/** Runs SPARQL queries on a user's dataset, in the caller's transaction. */
final class QueryRunner {

  /** A part is sent at about this many characters, even with few rows. */
  private static final int PART_CHARACTERS = 128 * 1024;

  private final Duration timeout;
  private final int mostRows;

  /**
   * Creates a runner with bounds for each query.
   *
   * @param timeout time limit
   * @param mostRows maximum number of rows or triples
   */
  QueryRunner(Duration timeout, int mostRows) {
    this.timeout = timeout;
    this.mostRows = mostRows;
  }

  /**
   * Parses a query without running it.
   *
   * @throws ServiceException {@code syntax}
   */
  Query parse(String text) {
    try {
      return QueryFactory.create(text, SparqlContext.BASE, Syntax.syntaxSPARQL_11);
    } catch (QueryParseException e) {
      throw new ServiceException(ErrorCode.syntax, "SPARQL: " + e.getMessage(), e);
    }
  }

  /**
   * Runs a query on the calling thread and passes its result on in parts. Blocks for at most the
   * timeout and the time that the parts need. A cancelled query has no last part.
   *
   * @param pageSize rows or triples per part
   * @throws ServiceException {@code badRequest} or {@code tooLarge}, possibly after the first parts
   * @throws JMSException if {@code parts} throws it
   */
  void run(
      UserDataset dataset, Query query, int pageSize, ResultParts parts, Cancellation cancellation)
      throws JMSException {
    SparqlContext.restrict(dataset.getContext());
    try (QueryExec execution =
        QueryExec.newBuilder()
            .dataset(dataset)
            .context(dataset.getContext())
            .query(query)
            .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
            .build()) {
      cancellation.onCancel(execution::abort);
      run(execution, query, new Pages(pageSize, parts, cancellation));
    } catch (QueryCancelledException e) {
      if (!cancellation.isCancelled()) {
        throw new ServiceException(
            ErrorCode.tooLarge, "The query took longer than " + timeout.toSeconds() + " s.", e);
      }
    } catch (JenaException e) {
      throw new ServiceException(ErrorCode.badRequest, "SPARQL: " + e.getMessage(), e);
    }
  }

  private void run(QueryExec execution, Query query, Pages pages) throws JMSException {
    if (query.isAskType()) {
      boolean answer = execution.ask();
      pages.parts.part(ResultParts.SPARQL_JSON, text(out -> results().write(out, answer)), true);
    } else if (query.isSelectType()) {
      RowSet rows = execution.select();
      List<Var> variables = rows.getResultVars();
      pages.send(
          ResultParts.SPARQL_JSON,
          rows,
          row -> row.toString().length(),
          page -> text(out -> results().write(out, RowSetStream.create(variables, page))));
    } else if (query.isConstructType() || query.isDescribeType()) {
      Iterator<Triple> triples =
          query.isConstructType() ? execution.constructTriples() : execution.describeTriples();
      pages.send(
          ResultParts.N_TRIPLES,
          Iter.distinct(triples),
          triple -> triple.toString().length(),
          page -> text(out -> RDFDataMgr.writeTriples(out, page)));
    } else {
      throw new ServiceException(
          ErrorCode.badRequest, "Only SELECT, ASK, CONSTRUCT and DESCRIBE are answered.");
    }
  }

  /** Writes the labels of blank nodes, so that a node has the same name in all parts. */
  private static ResultsWriter results() {
    return ResultsWriter.create()
        .lang(ResultSetLang.RS_JSON)
        .set(ARQ.outputGraphBNodeLabels, true)
        .build();
  }

  private static String text(Consumer<OutputStream> writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    writer.accept(bytes);
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** Writes one page of a result as a document. */
  private interface PageWriter<T> {
    String write(Iterator<T> page);
  }

  /** Splits a result into pages. It reads one row ahead to detect the last page. */
  private final class Pages {

    private final int pageSize;
    private final ResultParts parts;
    private final Cancellation cancellation;

    Pages(int pageSize, ResultParts parts, Cancellation cancellation) {
      this.pageSize = pageSize;
      this.parts = parts;
      this.cancellation = cancellation;
    }

    <T> void send(String contentType, Iterator<T> rows, ToIntFunction<T> size, PageWriter<T> writer)
        throws JMSException {
      List<T> page = new ArrayList<>();
      int characters = 0;
      int count = 0;
      while (rows.hasNext()) {
        if (page.size() >= pageSize || characters >= PART_CHARACTERS) {
          if (cancellation.isCancelled()) {
            return;
          }
          parts.part(contentType, writer.write(page.iterator()), false);
          page.clear();
          characters = 0;
        }
        if (++count > mostRows) {
          throw new ServiceException(
              ErrorCode.tooLarge, "The result has more than " + mostRows + " rows: add a LIMIT.");
        }
        T row = rows.next();
        page.add(row);
        characters += size.applyAsInt(row);
      }
      if (!cancellation.isCancelled()) {
        parts.part(contentType, writer.write(page.iterator()), true);
      }
    }
  }
}
