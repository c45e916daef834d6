package io.longspan.benchmark;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.cometd.bayeux.Promise;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.bayeux.server.ServerChannel;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;
import org.cometd.server.AbstractServerTransport;
import org.cometd.server.BayeuxServerImpl;
import org.cometd.server.JacksonJSONContextServer;
import org.cometd.server.http.JSONHttpTransport;
import org.cometd.server.http.jakarta.CometDServlet;
import org.cometd.server.websocket.jetty.JettyWebSocketTransport;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.Context;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/**
 * L1: a CometD server on Jetty with nothing behind it, and with CometD's defaults unless told
 * otherwise. It publishes to broadcast channels and echoes on a service channel by itself.
 */
public final class BareCometdMain {
  static final String IN_ORDER = "in-order";

  private final BayeuxServerImpl bayeux = new BayeuxServerImpl();
  private Pacer pacer;

  private BareCometdMain() {}

  /**
   * Starts the server and prints where it is.
   *
   * @param arguments {@code in-order} for long polling that keeps the order of messages
   */
  public static void main(String[] arguments) throws Exception {
    new BareCometdMain().start(List.of(arguments).contains(IN_ORDER));
  }

  private void start(boolean inOrder) throws Exception {
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    connector.setAcceptQueueSize(1024);
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler("/", ServletContextHandler.SESSIONS);
    context.insertHandler(WebSocketUpgradeHandler.from(server, context));
    bayeux.setOption("ws.cometdURLMapping", "/cometd/*");
    bayeux.setOption("jsonContext", JacksonJSONContextServer.class.getName());
    bayeux.setOption(Context.class.getName(), context.getContext());
    bayeux.setTransports(new JettyWebSocketTransport(bayeux), new JSONHttpTransport(bayeux));
    bayeux.setOption(AbstractServerTransport.META_CONNECT_DELIVERY_OPTION, inOrder);
    bayeux.setAllowedTransports("websocket", "long-polling");
    context.setAttribute(BayeuxServer.ATTRIBUTE, bayeux);
    ServletHolder cometd = new ServletHolder(new CometDServlet());
    cometd.setAsyncSupported(true);
    cometd.setInitOrder(1);
    context.addServlet(cometd, "/cometd/*");
    context.addServlet(new ServletHolder(new Control()), "/control");
    server.setHandler(context);
    server.start();
    bayeux
        .createChannelIfAbsent("/service/echo")
        .getReference()
        .addListener(
            new ServerChannel.MessageListener() {
              @Override
              public boolean onMessage(
                  ServerSession from, ServerChannel channel, ServerMessage.Mutable message) {
                from.deliver(from, "/service/echo", message.getData(), Promise.noop());
                return true;
              }
            });
    System.out.println("ready port=" + connector.getLocalPort());
    server.join();
  }

  private void publish(String topic, long number, long nanos) {
    ServerChannel channel = bayeux.getChannel("/" + topic);
    if (channel != null) {
      Map<String, Object> data = new HashMap<>();
      data.put("body", Stamp.body(number, nanos));
      channel.publish(null, data, Promise.noop());
    }
  }

  /** {@code ?topics=…&rate=…} begins to publish; without a rate it ends, and tells how many. */
  private final class Control extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      long published = pacer == null ? 0 : pacer.stop();
      pacer = null;
      String rate = request.getParameter("rate");
      if (rate != null) {
        int topics = Integer.parseInt(request.getParameter("topics"));
        pacer =
            new Pacer(
                Double.parseDouble(rate),
                (index, due) ->
                    publish(
                        ServerUnderLoad.topic((int) (index % topics)), 1 + index / topics, due));
      }
      response.getWriter().print(published);
    }
  }
}
