package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.longspan.Allocation;
import io.longspan.access.AccessPolicy;
import io.longspan.access.RightsChange;
import io.longspan.access.SendGrant;
import io.longspan.access.TopicGrant;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.SendPolicy;
import io.longspan.config.LongspanConfig.Replies;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.ErrorCode;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand;
import io.longspan.signing.IdentitySigner;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Where a forwarded message is signed, and what becomes of it where that fails. */
final class MessageForwarderTest {
  private static final SendCommand COMMAND =
      new SendCommand(
          new SendCommand.Destination(DestinationName.parse("services/echo")),
          SendCommand.Headers.DEFAULT,
          Map.of(),
          new MessageBody.Text("x", "text"),
          0);

  private static final SendCommand REQUEST =
      new SendCommand(
          COMMAND.target(),
          new SendCommand.Headers(
              Optional.of("r-1"), Optional.empty(), SendCommand.Headers.DEFAULT_PRIORITY, false, 0),
          Map.of(),
          COMMAND.body(),
          0);

  private static final SendGrant ECHO =
      new SendGrant(BrokerDestination.queue("services.echo"), SendPolicy.DEFAULT);

  private final Queue<Runnable> commandPool = new ArrayDeque<>();
  private final FakeBroker broker = new FakeBroker();
  private final MemoryBudget memory = new MemoryBudget(1 << 20, 1 << 20);
  private final CompletableFuture<SendGrant> decision = new CompletableFuture<>();
  private final AtomicInteger signed = new AtomicInteger();
  private final CompletableFuture<Void> receipt = new CompletableFuture<>();

  private MessageForwarder forwarder(IdentitySigner signer) {
    AccessPolicy policy =
        new AccessPolicy() {
          @Override
          public CompletionStage<SendGrant> maySend(Identity who, DestinationName name) {
            return decision;
          }

          @Override
          public CompletionStage<TopicGrant> maySubscribe(Identity who, DestinationName name) {
            throw new AssertionError();
          }

          @Override
          public CompletionStage<TopicGrant> mayStay(Identity who, DestinationName name) {
            throw new AssertionError();
          }

          @Override
          public boolean isCurrent(Identity who, TopicGrant grant) {
            throw new AssertionError();
          }

          @Override
          public void changed(RightsChange change) {
            throw new AssertionError();
          }
        };
    ReplyAddresses replies =
        new ReplyAddresses(
            "bridge-1",
            Replies.DEFAULT,
            new BridgeBroker("", broker, null),
            memory,
            null,
            null,
            BridgeMetrics.NONE,
            null,
            null);
    return new MessageForwarder(
        Map.of("", replies),
        memory,
        policy,
        new IdentityStamp("bridge-1", signer),
        commandPool::add,
        BridgeMetrics.NONE,
        () -> 0,
        Tracing.NONE);
  }

  private ClientSession connected() {
    return TestClients.connected(
            TestClients.session(
                "client", new RecordingChannel(), TestClients.limits(8, 1000), commandPool::add))
        .session();
  }

  @Test
  void aDecisionThatComesOnADeliveryThreadIsCarriedOutOnTheCommandPool() {
    MessageForwarder forwarder =
        forwarder(
            statement -> {
              signed.incrementAndGet();
              return Optional.of("signature");
            });
    CompletionStage<?> handedOver =
        forwarder.forward(connected(), COMMAND, receipt, Tracing.MessageTrace.NONE);
    decision.complete(ECHO);
    assertThat(signed).hasValue(0);
    assertThat(handedOver.toCompletableFuture()).isNotDone();
    commandPool.remove().run();
    assertThat(signed).hasValue(1);
    assertThat(handedOver.toCompletableFuture()).isDone();
    assertThat(broker.sent)
        .singleElement()
        .satisfies(m -> assertThat(m.properties()).containsEntry("bridgeSignature", "signature"));
  }

  @Test
  void aMessageThatCannotBeSignedIsRefusedAndNotSentUnsigned() {
    decision.complete(ECHO);
    forwarder(
            statement -> {
              throw new IllegalStateException("the key is gone");
            })
        .forward(connected(), COMMAND, receipt, Tracing.MessageTrace.NONE);
    assertThat(receipt).isCompletedExceptionally();
    assertThat(broker.sent).isEmpty();
  }

  @Test
  void aRequestThatEndedWithTheConnectionIsNotFailedAgainWhenItsSendFails() {
    decision.complete(ECHO);
    broker.sending = new CompletableFuture<>();
    ClientSession session = connected();
    RecordingChannel channel = (RecordingChannel) session.channel();
    forwarder(IdentitySigner.NONE).forward(session, REQUEST, receipt, Tracing.MessageTrace.NONE);
    assertThat(session.client().orElseThrow().requests().removeAll("")).containsExactly("r-1");
    broker.sending.completeExceptionally(BridgeException.brokerUnavailable(null));
    assertThat(receipt).isCompletedExceptionally();
    assertThat(channel.texts()).isEmpty();
  }

  @Test
  void aRequestThatCannotBeSentIsFailedOnce() {
    decision.complete(ECHO);
    broker.sending =
        CompletableFuture.failedFuture(new BridgeException(ErrorCode.SEND_FAILED, "no"));
    ClientSession session = connected();
    forwarder(IdentitySigner.NONE).forward(session, REQUEST, receipt, Tracing.MessageTrace.NONE);
    assertThat(receipt).isCompletedExceptionally();
    assertThat(((RecordingChannel) session.channel()).texts())
        .singleElement()
        .asString()
        .contains("sendFailed", "r-1");
    assertThat(session.client().orElseThrow().requests().waiting(0)).isZero();
  }

  @Test
  void anAnswerProvesThatTheBrokerHasAcceptedTheRequest() {
    decision.complete(ECHO);
    broker.sending = new CompletableFuture<>();
    ClientSession session = connected();
    forwarder(IdentitySigner.NONE).forward(session, REQUEST, receipt, Tracing.MessageTrace.NONE);
    session.client().orElseThrow().requests().answered("r-1");
    broker.sending.completeExceptionally(new BridgeException(ErrorCode.SEND_FAILED, "too late"));
    assertThat(receipt).isCompleted();
    assertThat(((RecordingChannel) session.channel()).texts()).isEmpty();
    assertThat(session.client().orElseThrow().requests().waiting(0)).isOne();
  }

  @Test
  void aMessageIsChargedToItsUserWhileItWaitsForTheBroker() {
    decision.complete(ECHO);
    broker.sending = new CompletableFuture<>();
    ClientSession session = connected();
    MessageForwarder forwarder = forwarder(IdentitySigner.NONE);
    forwarder.accept(session, COMMAND, receipt);
    assertThat(memory.user("client").used()).isGreaterThan(MessageForwarder.MESSAGE_BYTES);
    assertThat(memory.used(Purpose.SENDS)).isEqualTo(memory.user("client").used());

    memory.user("client").charge(Purpose.OUTBOX, 1 << 20);
    assertThatExceptionOfType(BridgeException.class)
        .isThrownBy(() -> forwarder.accept(session, COMMAND, new CompletableFuture<>()))
        .extracting(BridgeException::code)
        .isEqualTo(ErrorCode.LIMIT_EXCEEDED);

    broker.sending.complete(null);
    assertThat(receipt).isCompleted();
    assertThat(memory.used(Purpose.SENDS)).isZero();
  }

  @Test
  void aMessageThatIsNotTracedAllocatesNothingForIt() {
    Map<String, Object> properties = Map.of();
    assertThat(
            Allocation.bytesPerCall(
                () -> {
                  Tracing.MessageTrace trace = Tracing.NONE.received(COMMAND);
                  trace.authorising();
                  trace.authorised(null);
                  trace.sending(null, properties);
                  trace.sent("ID:1");
                  trace.ended(null);
                }))
        .isZero();
  }
}
