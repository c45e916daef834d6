package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/**
 * A JMS provider that the test drives step by step: each send waits in the provider until the test
 * says what the broker does with it. Where sends are pipelined, the call itself returns at once.
 */
final class ScriptedProvider implements JmsProvider {

  /** A send that the provider was called with. */
  static final class Call {
    final String queue;
    final String body;
    private final CompletionListener listener;
    private final SynchronousQueue<Object> outcome = new SynchronousQueue<>();
    private volatile boolean interrupted;

    private Call(String queue, String body, CompletionListener listener) {
      this.queue = queue;
      this.body = body;
      this.listener = listener;
    }

    /** The broker takes the message. */
    void taken() {
      end(Boolean.TRUE);
    }

    /** The broker refuses the message. */
    void refused(JMSException reason) {
      end(reason);
    }

    private void end(Object result) {
      if (listener == null) {
        try {
          outcome.put(result);
        } catch (InterruptedException x) {
          throw new IllegalStateException(x);
        }
      } else if (result instanceof JMSException reason) {
        listener.onException(null, reason);
      } else {
        listener.onCompletion(null);
      }
    }

    boolean isInterrupted() {
      return interrupted;
    }

    private void await() throws JMSException {
      try {
        if (outcome.take() instanceof JMSException reason) {
          throw reason;
        }
      } catch (InterruptedException x) {
        interrupted = true;
        throw new JMSException("interrupted");
      }
    }
  }

  /** A consumer that the provider was asked for. */
  static final class ScriptedConsumer {
    final String topic;
    volatile boolean closed;
    private volatile MessageListener listener;

    private ScriptedConsumer(String topic) {
      this.topic = topic;
    }

    /** The broker closes the consumer; the provider tells nobody. */
    void end() {
      closed = true;
    }

    private Object call(String method, Object[] arguments) throws JMSException {
      switch (method) {
        case "close" -> closed = true;
        case "setMessageListener" -> listener = (MessageListener) arguments[0];
        case "getMessageListener" -> {
          if (closed) {
            throw new jakarta.jms.IllegalStateException("the consumer is closed");
          }
          return listener;
        }
        default -> throw new AssertionError(method);
      }
      return null;
    }
  }

  private final boolean pipelined;
  private final List<ScriptedConsumer> consumers = new CopyOnWriteArrayList<>();
  private final List<String> temporaryTopics = new CopyOnWriteArrayList<>();
  private volatile ExceptionListener exceptionListener;

  /** The broker refuses further consumers. */
  volatile boolean refusesConsumers;

  /** The broker has closed the sessions. */
  volatile boolean sessionsEnded;

  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final AtomicInteger sessions = new AtomicInteger();
  private int seen;
  volatile boolean refusesSessions;

  /** The broker answers no further sessions until this is counted down. */
  volatile CountDownLatch sessionsAnswered = new CountDownLatch(0);

  private ScriptedProvider(boolean pipelined) {
    this.pipelined = pipelined;
  }

  static ScriptedProvider blocking() {
    return new ScriptedProvider(false);
  }

  static ScriptedProvider pipelined() {
    return new ScriptedProvider(true);
  }

  /** Waits for the next send of a message and checks which it is. */
  Call expectSend(String queue, String body) {
    Awaitility.await().until(() -> calls.size() > seen);
    Call call = calls.get(seen++);
    assertThat(call.queue + ": " + call.body).isEqualTo(queue + ": " + body);
    return call;
  }

  /** Returns how many messages the provider was called with. */
  int calls() {
    return calls.size();
  }

  int sessions() {
    return sessions.get();
  }

  /** The broker delivers a message to every consumer; as on a delivery thread, one at a time. */
  void deliver(Message message) {
    consumers.forEach(consumer -> consumer.listener.onMessage(message));
  }

  /** Waits for the next consumer and checks what it consumes from. */
  ScriptedConsumer expectConsumer(String topic) {
    Awaitility.await()
        .until(() -> consumers.stream().anyMatch(consumer -> consumer.topic.equals(topic)));
    return consumers.stream()
        .filter(consumer -> consumer.topic.equals(topic))
        .reduce((first, last) -> last)
        .orElseThrow();
  }

  /** Returns the temporary topics that were not deleted. */
  List<String> temporaryTopics() {
    return temporaryTopics;
  }

  Connection connection() {
    return proxy(
        Connection.class,
        (self, method, arguments) -> {
          if (method.getName().equals("setExceptionListener")) {
            exceptionListener = (ExceptionListener) arguments[0];
          }
          if (method.getName().equals("getExceptionListener")) {
            return exceptionListener;
          }
          if (method.getName().equals("createSession")) {
            if (refusesSessions) {
              throw new JMSException("the connection has failed");
            }
            sessions.incrementAndGet();
            try {
              sessionsAnswered.await();
            } catch (InterruptedException x) {
              throw new JMSException("interrupted");
            }
            return session();
          }
          return null;
        });
  }

  private Session session() {
    return proxy(
        Session.class,
        (self, method, arguments) ->
            switch (method.getName()) {
              case "createProducer" -> producer();
              case "createTopic" -> topic(Topic.class, (String) arguments[0]);
              case "createTemporaryTopic" -> temporaryTopic();
              case "createConsumer" -> consumer(((Topic) arguments[0]).getTopicName());
              case "getAcknowledgeMode" -> {
                if (sessionsEnded) {
                  throw new jakarta.jms.IllegalStateException("the session is closed");
                }
                yield Session.AUTO_ACKNOWLEDGE;
              }
              case "createQueue" -> queue((String) arguments[0]);
              case "createTextMessage" -> text((String) arguments[0]);
              case "createBytesMessage" -> proxy(BytesMessage.class, (m, call, a) -> null);
              default -> null;
            });
  }

  private TemporaryTopic temporaryTopic() {
    String name = "temporary-" + temporaryTopics.size();
    temporaryTopics.add(name);
    return topic(TemporaryTopic.class, name);
  }

  private <T extends Topic> T topic(Class<T> type, String name) {
    return proxy(
        type,
        (self, method, arguments) -> {
          if (method.getName().equals("delete")) {
            temporaryTopics.remove(name);
          }
          return name;
        });
  }

  private MessageConsumer consumer(String topic) throws JMSException {
    if (refusesConsumers) {
      throw new JMSSecurityException("no permission to consume");
    }
    ScriptedConsumer consumer = new ScriptedConsumer(topic);
    consumers.add(consumer);
    return proxy(
        MessageConsumer.class,
        (self, method, arguments) -> consumer.call(method.getName(), arguments));
  }

  private static Queue queue(String name) {
    return proxy(Queue.class, (self, method, arguments) -> name);
  }

  private static TextMessage text(String text) {
    return proxy(
        TextMessage.class,
        (self, method, arguments) -> method.getName().equals("getText") ? text : null);
  }

  private MessageProducer producer() {
    return proxy(
        MessageProducer.class,
        (self, method, arguments) -> {
          throw new AssertionError("the scripted send comes first");
        });
  }

  @SuppressWarnings("unchecked")
  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return (T) Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
  }

  @Override
  public ConnectionFactory connectionFactory() {
    throw new AssertionError("the test opens the sessions itself");
  }

  @Override
  public String pattern(String neutral) {
    return neutral;
  }

  @Override
  public SendQueue.Windows sendWindows() {
    return pipelined ? SendQueue.Windows.PIPELINED : SendQueue.Windows.BLOCKING;
  }

  @Override
  public void send(
      MessageProducer producer,
      Destination destination,
      Message message,
      int deliveryMode,
      int priority,
      long timeToLive,
      CompletionListener listener)
      throws JMSException {
    Call call =
        new Call(
            ((Queue) destination).getQueueName(),
            ((TextMessage) message).getText(),
            pipelined ? listener : null);
    calls.add(call);
    if (!pipelined) {
      call.await();
      listener.onCompletion(message);
    }
  }
}
