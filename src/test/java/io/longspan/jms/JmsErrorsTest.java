package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.ResourceAllocationException;
import java.io.EOFException;
import java.util.stream.Stream;
import org.apache.activemq.ConnectionFailedException;
import org.apache.activemq.artemis.api.core.ActiveMQConnectionTimedOutException;
import org.apache.activemq.artemis.api.core.ActiveMQUnBlockedException;
import org.apache.activemq.artemis.jms.client.JMSExceptionHelper;
import org.apache.activemq.transport.RequestTimedOutIOException;
import org.apache.activemq.util.JMSExceptionSupport;
import org.apache.qpid.jms.JmsOperationTimedOutException;
import org.apache.qpid.jms.JmsSendTimedOutException;
import org.apache.qpid.jms.exceptions.JmsConnectionFailedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class JmsErrorsTest {
  static Stream<JMSException> lossesInEachProvidersWords() {
    return Stream.of(
        new IllegalStateException("the session"),
        new ConnectionFailedException(new EOFException()),
        JMSExceptionHelper.convertFromActiveMQException(
            new ActiveMQUnBlockedException(
                "AMQ219016: Connection failure detected. Unblocking a blocking call")),
        new JmsConnectionFailedException(new JMSException("dropped")),
        new JmsOperationTimedOutException("Timed out waiting for response"));
  }

  @ParameterizedTest
  @MethodSource("lossesInEachProvidersWords")
  void aLossIsToldFromARefusal(JMSException loss) {
    assertThat(JmsErrors.isConnectionFault(loss)).isTrue();
    assertThat(JmsErrors.translate(loss).code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
  }

  @Test
  void aRefusalIsNoLoss() {
    JMSException refusal = new JMSSecurityException("not authorized to write to a queue");
    assertThat(JmsErrors.isConnectionFault(refusal)).isFalse();
    assertThat(JmsErrors.translate(refusal).code()).isEqualTo(ErrorCode.SEND_FAILED);
    assertThat(JmsErrors.notSent(refusal).code()).isEqualTo(ErrorCode.SEND_REFUSED);
  }

  static Stream<Throwable> failuresOfTheBridge() {
    return Stream.of(new NullPointerException(), new StackOverflowError());
  }

  @ParameterizedTest
  @MethodSource("failuresOfTheBridge")
  void aFailureOfTheBridgeIsNoRefusalOfTheBroker(Throwable failure) {
    assertThat(JmsErrors.translate(failure).code()).isEqualTo(ErrorCode.INTERNAL_ERROR);
    assertThat(JmsErrors.notSent(failure).code()).isEqualTo(ErrorCode.INTERNAL_ERROR);
  }

  @Test
  void aFullDestinationMayTakeTheSameMessageLater() {
    JMSException full = new ResourceAllocationException("the queue is full");
    assertThat(JmsErrors.notSent(full).code().isTemporary()).isTrue();
    JMSException gone = new InvalidDestinationException("no such destination");
    assertThat(JmsErrors.notSent(gone).code().isTemporary()).isFalse();
  }

  static Stream<JMSException> sendsWithoutAnAnswer() {
    return Stream.of(
        new JmsSendTimedOutException("Timed out waiting for disposition of sent Message"),
        JMSExceptionHelper.convertFromActiveMQException(
            new ActiveMQConnectionTimedOutException(
                "AMQ219014: Timed out after waiting 5000 ms for response when sending packet 71")),
        JMSExceptionSupport.create(new RequestTimedOutIOException()));
  }

  @ParameterizedTest
  @MethodSource("sendsWithoutAnAnswer")
  void aSendWithoutAnAnswerMayHaveReachedTheBroker(JMSException failure) {
    BridgeException told = JmsErrors.notSent(failure);
    assertThat(told.code()).isEqualTo(ErrorCode.SEND_FAILED);
    assertThat(told).hasMessageContaining("may still accept the message");
  }

  static Stream<JMSException> sendsThatReachNobody() {
    return Stream.of(
        new JmsSendTimedOutException("Timed out waiting for credit to send Message"),
        new ResourceAllocationException("the queue is full"));
  }

  @ParameterizedTest
  @MethodSource("sendsThatReachNobody")
  void aSendThatTheBrokerDoesNotTakeIsRefused(JMSException failure) {
    BridgeException told = JmsErrors.notSent(failure);
    assertThat(told.code()).isEqualTo(ErrorCode.SEND_FAILED);
    assertThat(told).hasMessage("the broker rejected the message");
  }
}
