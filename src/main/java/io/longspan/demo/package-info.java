/**
 * The demo: services that are plain JMS clients (an echo, an RDF store, an authorisation service)
 * and the command that loads Turtle files through a bridge.
 *
 * <p>Of this project it imports only {@code io.longspan.concurrent}. A message's way through the
 * RDF store: {@link io.longspan.demo.ServiceListener} receives, {@link
 * io.longspan.demo.GraphService} chooses the operation, {@link io.longspan.demo.GraphStore} runs it
 * in one transaction on the {@link io.longspan.demo.UserDataset} of the user it runs as, {@link
 * io.longspan.demo.ChangePublisher} announces what was committed. What goes over the wire is in
 * {@code docs/demo.md}.
 */
package io.longspan.demo;
