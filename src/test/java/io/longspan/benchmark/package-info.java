/**
 * The benchmark: {@code mvn -Pbenchmark verify}, described in {@code docs/performance.md}.
 *
 * <p>{@code Benchmark} runs workloads against a {@code ServerUnderLoad}: the bridge, and what it is
 * measured by, a bare CometD server ({@code BareCometdMain}, L1) and bare JMS clients ({@code
 * BareJmsMain}, L2). Each is a process of its own on the first core; the load ({@code LoadGroup} of
 * {@code LoadClient}s), the broker and the echo service share the second.
 */
package io.longspan.benchmark;
