package io.longspan.protocol;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Decoding what a client sends, and encoding what goes out, once per message. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {
  private final SendDecoder decoder = new SendDecoder(256 << 10, 1024, 32);
  private final PayloadEncoder encoder = new PayloadEncoder();
  private final Map<String, Object> sent =
      Map.of(
          "destination",
          "services/echo",
          "properties",
          Map.of("JMSCorrelationID", "7", "operation", "greet"),
          "body",
          "x".repeat(512));
  private final BrokerMessage received =
      new BrokerMessage(
          "news",
          Map.of("JMSMessageID", "ID:1", "operation", "greet"),
          "x".repeat(512),
          null,
          Optional.empty());

  /** What was published on the bridge channel becomes a command. */
  @Benchmark
  public SendCommand decode() {
    return decoder.decode(sent);
  }

  /** A message of a topic becomes the JSON that all its subscribers share. */
  @Benchmark
  public Payload encode() {
    return encoder.encodeTopicMessage(received, "news", Optional.empty());
  }
}
