import jakarta.jms.*;
import java.util.*;
import java.util.concurrent.*;

/** Echo and job over JMS. Usage: java -cp CLIENT Service.java FACTORY URL USER PASSWORD QUEUE */
class Service {
  static final ScheduledExecutorService WORKER = Executors.newSingleThreadScheduledExecutor();
  static final Map<String, Message> JOBS = new HashMap<>(); // the jobs that run, by correlation id
  static Session session; // used by the worker only
  static MessageProducer producer;

  public static void main(String[] args) throws Exception {
    Class<?> type = Class.forName(args[0]);
    var factory = (ConnectionFactory) type.getConstructor(String.class).newInstance(args[1]);
    Connection connection = factory.createConnection(args[2], args[3]);
    session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    producer = session.createProducer(null);
    Session requests = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    requests
        .createConsumer(requests.createQueue(args[4]))
        .setMessageListener(request -> WORKER.execute(() -> attempt(() -> handle(request))));
    connection.start();
    System.out.println("ready");
    Thread.currentThread().join(); // the threads of a JMS client may be daemons
  }

  static void attempt(Callable<Void> task) {
    try {
      task.call();
    } catch (Exception x) {
      x.printStackTrace();
    }
  }

  static Void handle(Message request) throws JMSException {
    String id = request.getJMSCorrelationID(), text = ((TextMessage) request).getText();
    if (request.getBooleanProperty("cancel")) {
      if (JOBS.remove(id) != null) answer(request, "cancelled", 0, "true");
    } else if ("job".equals(request.getStringProperty("operation"))) {
      JOBS.put(id, request);
      step(request, 1, Integer.parseInt(text));
    } else {
      answer(request, request.getStringProperty("runAsUser") + " says " + text, 1, "true");
    }
    return null;
  }

  static Void step(Message request, int step, int steps) throws JMSException {
    if (JOBS.get(request.getJMSCorrelationID()) != request) return null; // cancelled
    answer(request, "step " + step, step, step == steps ? "true" : "false");
    Runnable next = () -> attempt(() -> step(request, step + 1, steps));
    if (step < steps) WORKER.schedule(next, 50, TimeUnit.MILLISECONDS);
    return null;
  }

  static void answer(Message request, String text, int sequence, String done) throws JMSException {
    Message answer = session.createTextMessage(text);
    answer.setJMSCorrelationID(request.getJMSCorrelationID());
    if (sequence > 0) answer.setIntProperty("sequence", sequence);
    answer.setStringProperty("done", done);
    producer.send(request.getJMSReplyTo(), answer);
  }
}
