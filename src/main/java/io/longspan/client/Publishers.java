package io.longspan.client;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;

/** Topics and answers in parts as {@link Flow.Publisher}s. */
final class Publishers {
  private static final int MAX_MESSAGES = 1_024;
  private static final int MAX_PARTS = 8_192;

  private final Client client;
  private final Loop loop;
  private final Settings settings;

  Publishers(Client client, Loop loop, Settings settings) {
    this.client = client;
    this.loop = loop;
    this.settings = settings;
  }

  Flow.Publisher<Message> topics(List<String> names) {
    return subscriber -> {
      SubmissionPublisher<Message> messages =
          new SubmissionPublisher<>(settings.callbacks(), MAX_MESSAGES);
      loop.execute(
          () -> {
            var subscribed =
                client.topics.subscribe(
                    names, TopicOptions.NONE, Topics.handler(message -> offer(messages, message)));
            subscribed.whenComplete(
                (subscription, failure) -> {
                  if (failure != null) {
                    messages.closeExceptionally(failure);
                  }
                });
            messages.subscribe(
                new Cancellable(
                    subscriber, () -> subscribed.thenCompose(TopicSubscription::unsubscribe)));
          });
    };
  }

  private void offer(SubmissionPublisher<Message> messages, Message message) {
    int lag =
        messages.offer(
            message,
            (subscriber, dropped) -> {
              loop.execute(() -> client.slowConsumer(dropped));
              return false;
            });
    if (lag == 0) {
      Loop.LOG.log(System.Logger.Level.TRACE, "nobody reads {0}", message.topic());
    }
  }

  Flow.Publisher<Message> parts(
      String destination, Object body, Duration timeout, SendOptions options) {
    return subscriber -> {
      SubmissionPublisher<Message> parts =
          new SubmissionPublisher<>(settings.callbacks(), MAX_PARTS);
      loop.execute(
          () -> {
            Requests.Request[] request = new Requests.Request[1];
            LongspanException left = new LongspanException.Cancelled("Nobody reads on");
            parts.subscribe(
                new Cancellable(
                    subscriber,
                    () -> loop.execute(() -> client.requests.cancel(request[0], left))));
            request[0] =
                client.requests.start(destination, body, timeout, options, new Parts(parts));
          });
    };
  }

  /** Passes on the parts of an answer. */
  private static final class Parts implements Requests.Sink {
    private final SubmissionPublisher<Message> to;
    private int expected = 1;

    Parts(SubmissionPublisher<Message> to) {
      this.to = to;
    }

    @Override
    public LongspanException part(Message message) {
      if (message.sequence().isPresent() && message.sequence().getAsInt() != expected++) {
        return new LongspanException.ConnectionLost(
            "Part " + (expected - 1) + " of the answer was lost");
      }
      if (to.offer(message, null) < 0) {
        return new LongspanException.Cancelled(
            "More than " + MAX_PARTS + " parts wait for a reader");
      }
      if (message.isLast()) {
        to.close();
        return Requests.ENOUGH;
      }
      return null;
    }

    @Override
    public void fail(LongspanException error) {
      to.closeExceptionally(error);
    }
  }

  /** Runs something when the subscriber cancels. */
  private record Cancellable(Flow.Subscriber<? super Message> to, Runnable cancelled)
      implements Flow.Subscriber<Message> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      to.onSubscribe(
          new Flow.Subscription() {
            @Override
            public void request(long count) {
              subscription.request(count);
            }

            @Override
            public void cancel() {
              subscription.cancel();
              cancelled.run();
            }
          });
    }

    @Override
    public void onNext(Message message) {
      to.onNext(message);
    }

    @Override
    public void onError(Throwable failure) {
      to.onError(failure);
    }

    @Override
    public void onComplete() {
      to.onComplete();
    }
  }
}
