/**
 * The core: the use cases of a web client on a JMS bus, and their state. It imports neither CometD
 * nor JMS. They are behind the ports {@link io.longspan.bridge.ClientChannel} and {@link
 * io.longspan.bridge.MessageBroker}.
 *
 * <p>The words of this package, in the order in which a client meets them:
 *
 * <ul>
 *   <li><b>session</b>: one Bayeux session, from its handshake to its end ({@code ClientSession}).
 *       It belongs to one user.
 *   <li><b>client</b>: the state of a web client from {@code connect} on ({@code ConnectedClient}):
 *       temporary topic, subscriptions, requests in flight, outbox. It can move from one session to
 *       another.
 *   <li><b>mailbox</b>: the queue of a session's commands ({@code ClientMailbox}). One command runs
 *       at a time and owns the client's mutable state.
 *   <li><b>user channel</b>: the Bayeux channel on which the bridge sends everything to one
 *       session. No other session can subscribe to it.
 *   <li><b>seq</b>: the number of a message on the user channel: 1, 2, … for each client.
 *   <li><b>outbox</b>: the messages to one client ({@code ClientOutbox}). Each gets the next {@code
 *       seq} when it is queued. A message is waiting, withheld, or taken and retained.
 *   <li><b>taken</b>: handed to the Bayeux transport that writes it. A taken message is retained
 *       until the client acknowledges its {@code seq} or the limits are reached.
 *   <li><b>temporary topic</b>: the JMS topic that receives one client's answers, named in {@code
 *       JMSReplyTo} of its messages ({@code TemporaryTopic}, {@code ReplyAddresses}). Clients never
 *       learn its name.
 *   <li><b>request in flight</b>: a message to a queue with a correlation id, until its last
 *       answer, a cancel, a failure or its deadline ({@code RequestsInFlight}).
 *   <li><b>reply handle</b>: an opaque single-use key that stands for the reply address of an
 *       unsolicited message ({@code ReplyHandles}).
 *   <li><b>grant</b>: the decision that a user may subscribe to a topic or pattern, with the JMS
 *       destination ({@code TopicGrant} of the package {@code access}). It holds until rights
 *       change.
 *   <li><b>shared subscription</b>: one JMS consumer for all clients with the same grant and
 *       selector ({@code SharedSubscription}). A {@code ClientSubscription} is one client's part in
 *       it.
 *   <li><b>linger</b>: a shared subscription without subscribers stays open for a while, so that
 *       its messages are retained and a new subscriber finds it.
 *   <li><b>retained</b>: kept in memory for a later resume. Retained messages of a topic serve
 *       every subscriber ({@code KeptMessages}). Retained messages of an outbox serve one client
 *       ({@code ResumeWindow}).
 *   <li><b>kept</b>, of a message to a new subscriber: retained before the subscription began.
 *   <li><b>round</b>: one question for the snapshot of a topic, and the clients that wait for its
 *       answer ({@code SnapshotRound}).
 *   <li><b>held</b>, of a message: it waits until a snapshot has been queued before it ({@code
 *       SnapshotRounds}).
 *   <li><b>present</b>: subscribed to a topic whose entry has {@code presence}, on any bridge
 *       ({@code BridgePresence}, package {@code presence}). A lost client is present until it
 *       cannot be resumed.
 *   <li><b>withheld</b>: queued while the right of its subscription is in doubt ({@code
 *       WithheldMessages}). A withheld message gets its final {@code seq} when the right is
 *       confirmed.
 *   <li><b>suspended</b>, of a subscription: its right is in doubt after a change, so nothing is
 *       delivered until it is confirmed ({@code RightCheck}).
 *   <li><b>suspended</b>, of a session: its Bayeux session was lost, and its client can still be
 *       resumed (state {@code LOST}, {@code SessionRecovery}).
 *   <li><b>suspended</b>, of a client: an outage at the broker has closed its temporary topic or
 *       its topics. The notice {@code bridgeStatus} reports this.
 *   <li><b>resume</b>: continue without a loss. A session resumes a client after a {@code seq}. A
 *       subscription resumes a topic after a {@code JMSMessageID}.
 *   <li><b>takeover</b>: a session resumes the client of another session, which then ends.
 *   <li><b>disconnect</b>: end the client and keep the Bayeux session, as the client wishes.
 *   <li><b>terminate</b>: end the session and its client for good.
 *   <li><b>gap</b>: the notice that messages of a topic were missed, or may have been missed.
 *   <li><b>overflow</b>: an outbox exceeds its limits and nothing in it may be dropped. It discards
 *       everything, and its session is terminated.
 *   <li><b>producer session, consumer session</b>: a JMS session that sends for many clients, or
 *       receives for them. Many of them share a connection, so that one slow destination does not
 *       delay the others.
 *   <li><b>connection generation</b>: one connection to the broker, from its opening to its loss.
 *       Nothing that was opened in an older generation is used in a newer one. A shared
 *       subscription numbers its consumers in the same way.
 *   <li><b>reopening</b>: opening a topic or temporary topic again after its loss, with a back-off
 *       ({@code Reopenings}).
 *   <li><b>shedding</b>: freeing memory when an account is over its limit ({@code MemoryShedder},
 *       {@link io.longspan.bridge.Shedding}).
 *   <li><b>draining</b>: a bridge that will stop refuses new sessions and waits for its clients to
 *       move ({@code Draining}).
 * </ul>
 */
package io.longspan.bridge;
