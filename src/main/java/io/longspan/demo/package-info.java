/**
 * The demo: an echo service, an RDF store and an authorisation service, which are plain JMS
 * clients, and a command that loads Turtle files through a bridge. {@code docs/demo.md} describes
 * their messages.
 *
 * <p>It uses nothing of the bridge but thread factories. To read the path of a request through the
 * RDF store, start with {@link io.longspan.demo.ServiceListener}, which receives it. {@link
 * io.longspan.demo.GraphService} selects the operation. {@link io.longspan.demo.GraphStore} runs it
 * in a transaction on the user's {@link io.longspan.demo.UserDataset}. {@link
 * io.longspan.demo.ChangePublisher} publishes the commit.
 */
package io.longspan.demo;
