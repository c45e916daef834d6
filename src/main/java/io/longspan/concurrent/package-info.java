/**
 * Building blocks for threads: a factory of named daemon threads that can await their end, and a
 * counter of unexpected failures. It imports nothing else of the bridge. {@code
 * docs/concurrency.md} lists all threads and locks.
 */
package io.longspan.concurrent;
