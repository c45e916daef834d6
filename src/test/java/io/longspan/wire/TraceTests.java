package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.longspan.tracing.OtlpCollector;
import io.longspan.tracing.OtlpCollector.Span;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** W3C trace context, and spans of the bridge (protocol section 18). */
interface TraceTests extends WireTarget {
  String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  String PAGE = "00f067aa0ba902b7";
  String SERVICE = "b7ad6b7169203331";
  String STATE = "page=1,other=2";

  private static String parent(String span) {
    return "00-" + TRACE + "-" + span + "-01";
  }

  /** Answers as a service that is traced: with its own span in the trace of the request. */
  private static void answer(Session session, Message request) throws JMSException {
    Message answer = session.createTextMessage("answer");
    answer.setStringProperty(
        "traceparent",
        request
            .getStringProperty("traceparent")
            .replaceFirst("-[0-9a-f]{16}-", "-" + SERVICE + "-"));
    answer.setStringProperty("tracestate", request.getStringProperty("tracestate"));
    TestService.reply(session, request, answer);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aTraceContextTravelsToTheServiceAndBackAndOnTopics(Transport transport)
      throws Exception {
    String queue = WireTarget.unique("services/s");
    String topic = WireTarget.unique("chat/c");
    try (TestService service = service().serve(queue, TraceTests::answer);
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      alice.send(
          queue,
          Map.of("JMSCorrelationID", "r-1", "traceparent", parent(PAGE), "tracestate", STATE),
          "q");
      assertThat(properties(alice.awaitAnswer("r-1")))
          .containsEntry("traceparent", parent(SERVICE))
          .containsEntry("tracestate", STATE);
      Message request = service.awaitFirst();
      assertThat(request.getStringProperty("traceparent")).isEqualTo(parent(PAGE));
      assertThat(request.getStringProperty("tracestate")).isEqualTo(STATE);

      alice.subscribe(topic);
      alice.send(topic, Map.of("traceparent", parent(PAGE), "tracestate", STATE), "t");
      assertThat(properties(alice.awaitData(data -> "t".equals(data.get("body")))))
          .containsEntry("traceparent", parent(PAGE))
          .containsEntry("tracestate", STATE);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anInvalidTraceContextIsRemovedAndCounted(Transport transport) throws Exception {
    String queue = WireTarget.unique("services/s");
    try (TestService service = service().serve(queue, (session, message) -> {});
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      double before = bridge().metric("longspan_properties_stripped_total");
      Map<String, Object> invalid = new HashMap<>();
      invalid.put("traceparent", "00-" + TRACE + "-0000000000000000-01");
      invalid.put("tracestate", STATE);
      invalid.put("n", 1);
      assertThat(alice.send(queue, invalid, "q")).containsEntry("successful", true);
      Message request = service.awaitFirst();
      assertThat(request.propertyExists("traceparent")).isFalse();
      assertThat(request.propertyExists("tracestate")).isFalse();
      assertThat(request.getObjectProperty("n")).isEqualTo(1);
      assertThat(bridge().metric("longspan_properties_stripped_total")).isEqualTo(before + 2);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aRequestIsOneTraceFromThePageToTheServiceAndBack(Transport transport)
      throws Exception {
    String queue = WireTarget.unique("services/s");
    Map<String, String> settings = new HashMap<>(settings());
    try (OtlpCollector collector = new OtlpCollector();
        TestService service = service().serve(queue, TraceTests::answer)) {
      settings.put("tracing.endpoint", collector.url());
      settings.put("tracing.sample", "1");
      String toService;
      String toPage;
      try (TestBridge traced = TestBridge.start(settings);
          RawBayeuxClient alice = traced.connected(transport, "alice")) {
        alice.send(
            queue,
            Map.of("JMSCorrelationID", "r-1", "traceparent", parent(PAGE), "tracestate", STATE),
            "q");
        toPage = (String) properties(alice.awaitAnswer("r-1")).get("traceparent");
        toService = service.awaitFirst().getStringProperty("traceparent");
        assertThat(service.awaitFirst().getStringProperty("tracestate")).isEqualTo(STATE);
        await().until(() -> collector.find(TRACE, "receive").isPresent());
        await()
            .until(
                () -> traced.metric("longspan_spans_exported_total") == collector.spans().size());
      }
      Span receive = collector.find(TRACE, "receive").orElseThrow();
      Span authorise = collector.find(TRACE, "authorise").orElseThrow();
      Span send = collector.find(TRACE, "send").orElseThrow();
      Span deliver = collector.find(TRACE, "deliver").orElseThrow();
      assertThat(receive.parent()).isEqualTo(PAGE);
      assertThat(authorise.parent()).isEqualTo(receive.id());
      assertThat(send.parent()).isEqualTo(receive.id());
      assertThat(toService).isEqualTo(parent(send.id()));
      assertThat(deliver.parent()).isEqualTo(SERVICE);
      assertThat(toPage).isEqualTo(parent(deliver.id()));
      assertThat(send.kind()).as("producer").isEqualTo(4);
      assertThat(deliver.kind()).as("consumer").isEqualTo(5);
      assertThat(receive.attributes())
          .containsEntry("longspan.destination", queue)
          .containsEntry("messaging.message.conversation_id", "r-1");
      assertThat(send.attributes())
          .containsEntry("messaging.destination.name", queue)
          .containsEntry("messaging.operation.type", "send")
          .containsKeys("messaging.system", "messaging.message.id");
      assertThat(receive.start()).isLessThanOrEqualTo(send.start());
      assertThat(receive.end()).isGreaterThanOrEqualTo(send.end());
    }
  }

  @Test
  default void aRefusalIsInTheTraceAndACollectorThatFailsIsCounted() {
    Map<String, String> settings = new HashMap<>(settings());
    try (OtlpCollector collector = new OtlpCollector()) {
      settings.put("tracing.endpoint", collector.url());
      settings.put("tracing.sample", "1");
      try (TestBridge traced = TestBridge.start(settings);
          RawBayeuxClient alice = traced.connected(Transport.WEBSOCKET, "alice")) {
        alice.send("secret/x", Map.of("traceparent", parent(PAGE)), "no");
        await().until(() -> collector.find(TRACE, "receive").isPresent());
        assertThat(collector.find(TRACE, "authorise").orElseThrow().attributes())
            .containsEntry("error.type", "notAuthorized");
        assertThat(collector.find(TRACE, "send")).isEmpty();

        collector.answer(400);
        alice.send("secret/x", Map.of("traceparent", parent(PAGE)), "no");
        await().until(() -> traced.metric("longspan_spans_failed_total") >= 2);
      }
    }
  }
}
