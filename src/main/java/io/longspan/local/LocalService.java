package io.longspan.local;

import java.util.concurrent.CompletionStage;

/**
 * A service inside the bridge's process (protocol section 19). A catalogue entry of the kind {@code
 * local} lets clients call it.
 *
 * <p>The bridge finds services by {@link java.util.ServiceLoader}: the jar has a public class with
 * a public constructor without parameters, and names it in {@code
 * META-INF/services/io.longspan.local.LocalService}.
 */
public interface LocalService {
  /**
   * Returns the name of the service: a logical name such as {@code services/orders}. It is called
   * by this name, and by every longer name that begins with this one and a slash, unless another
   * service has more of that name. Always returns the same.
   */
  String name();

  /**
   * Returns whether {@link #handle} may block or compute for long. If so, it is called on a thread
   * of a bounded pool, which all users of the service share fairly.
   *
   * <p>If not, it is called on the thread that has received the request, which saves a change of
   * threads. If its calls often take longer than 50 ms, a line is logged, and the service gets the
   * pool from then on.
   */
  default boolean mayBlock() {
    return true;
  }

  /**
   * Called once, before the first request. An exception stops the start of the bridge.
   *
   * @param topics publishes to local topics; valid until {@link #stop}
   */
  default void start(LocalTopics topics) {}

  /**
   * Handles one request. Called on several threads at once. Requests of one user get their threads
   * in the order in which they were sent.
   *
   * @param request the request, with the authenticated user
   * @param parts sends the parts of an answer before the last one; an answer in one part does not
   *     need it
   * @return completes, on any thread, with the answer or with its last part. If it fails, if it is
   *     null or completes with null, or if this method throws, the client gets {@code
   *     serviceFailed}, without the reason. The reason is in the bridge's log. What comes after the
   *     request's deadline, or after its cancellation, is discarded
   */
  CompletionStage<LocalMessage> handle(LocalRequest request, LocalParts parts) throws Exception;

  /** Called once, when the bridge stops. No request follows. */
  default void stop() {}
}
