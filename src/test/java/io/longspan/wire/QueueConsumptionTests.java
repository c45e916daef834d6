package io.longspan.wire;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Consuming from queues, and durable subscriptions, on both transports; once for each broker. */
abstract class QueueConsumptionTests extends SharedBridge implements QueueTests, DurableTests {
  private AuthorizationServiceStub authorization;

  @BeforeAll
  void answerQuestions() {
    authorization = new AuthorizationServiceStub(connectionFactory());
  }

  @AfterAll
  void stopAnswering() {
    authorization.close();
  }

  @Override
  public AuthorizationServiceStub authorization() {
    return authorization;
  }
}
