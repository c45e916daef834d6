package io.longspan.presence;

import io.longspan.presence.PresenceChange.Transition;
import io.longspan.presence.PresenceMessage.Alive;
import io.longspan.presence.PresenceMessage.Bye;
import io.longspan.presence.PresenceMessage.Changes;
import io.longspan.presence.PresenceMessage.Content;
import io.longspan.presence.PresenceMessage.Entry;
import io.longspan.presence.PresenceMessage.Query;
import io.longspan.presence.PresenceMessage.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who is present on topics, over all bridges (protocol section 18).
 *
 * <p>Each bridge announces its own changes, numbered. A bridge that finds a hole asks the other for
 * its whole state. A bridge that is silent for {@link #SILENCE} is gone, with all who were present
 * there. Time is an argument: the caller calls {@link #due} several times a second.
 *
 * <p>Safe for use by many threads; never blocks. The lock guards all fields, and nothing is called
 * under it.
 */
public final class PresenceDirectory {
  /** After this time without a message a bridge is gone, in milliseconds. */
  public static final long SILENCE = 12_000;

  /** A bridge sends something at least this often, in milliseconds. */
  static final long ALIVE_PERIOD = 3000;

  /** The minimum time between two states, and between two questions to one bridge. */
  static final long PERIOD = 1000;

  /** The minimum time between two questions to a bridge whose state was too large. */
  static final long PERIOD_AFTER_REFUSAL = 30_000;

  /** Maximum number of other bridges. */
  static final int MAX_BRIDGES = 256;

  private final String instance;
  private final int maxRemoteEntries;
  private final PresenceCodec codec = new PresenceCodec();
  private final Map<PresenceTopic, TopicPresence> topics = new HashMap<>();
  private final Set<PresenceTopic> touched = new HashSet<>();
  private final Map<PresenceTopic, Map<String, Integer>> local = new HashMap<>();

  /** Users on topics whose number of clients here was not announced yet. */
  private final Map<PresenceTopic, Set<String>> unannounced = new LinkedHashMap<>();

  private final Map<String, RemoteBridge> remotes = new HashMap<>();
  private boolean heard;
  private boolean closed;
  private boolean stateWanted;
  private boolean statesWanted;
  private long lastTransition;
  private long lastSeq;
  private long lastSent;
  private long nextState;

  /**
   * Creates an empty directory.
   *
   * @param instance identifies this process among all bridges, 8 to 64 of {@code A-Z a-z 0-9 - _}
   * @param maxRemoteEntries maximum number of users on topics that other bridges may announce
   */
  public PresenceDirectory(String instance, int maxRemoteEntries) {
    this.instance = instance;
    this.maxRemoteEntries = maxRemoteEntries;
  }

  /** Counts a client of this bridge. */
  public synchronized void joined(PresenceTopic topic, String user) {
    changeLocal(topic, user, 1);
  }

  /** Discounts a client of this bridge that was counted. */
  public synchronized void left(PresenceTopic topic, String user) {
    changeLocal(topic, user, -1);
  }

  private void changeLocal(PresenceTopic topic, String user, int difference) {
    Map<String, Integer> users = local.computeIfAbsent(topic, t -> new HashMap<>());
    if (users.merge(user, difference, Integer::sum) == 0) {
      users.remove(user);
      if (users.isEmpty()) {
        local.remove(topic);
      }
    }
    unannounced.computeIfAbsent(topic, t -> new HashSet<>()).add(user);
    change(topic, user, difference);
  }

  private void change(PresenceTopic topic, String user, int difference) {
    TopicPresence presence = topics.computeIfAbsent(topic, t -> new TopicPresence());
    touched.add(topic);
    if (presence.change(user, difference, lastTransition + 1)) {
      lastTransition++;
    }
  }

  /** Returns the number of the last transition of any topic. */
  public synchronized long lastTransition() {
    return lastTransition;
  }

  /** Returns the transitions of each topic since the last call. */
  public synchronized Map<PresenceTopic, List<Transition>> takeTransitions() {
    Map<PresenceTopic, List<Transition>> taken = new HashMap<>();
    for (PresenceTopic topic : touched) {
      TopicPresence presence = topics.get(topic);
      List<Transition> transitions = presence.takeTransitions();
      if (!transitions.isEmpty()) {
        taken.put(topic, transitions);
      }
      if (presence.isEmpty()) {
        topics.remove(topic);
      }
    }
    touched.clear();
    return taken;
  }

  /**
   * Returns who is present on a topic.
   *
   * @param maxUsers the maximum number of names
   * @param maxCharacters the maximum size of the names together
   */
  public PresenceView view(PresenceTopic topic, int maxUsers, long maxCharacters) {
    long clients;
    List<String> users;
    synchronized (this) {
      TopicPresence presence = topics.get(topic);
      if (presence == null) {
        return new PresenceView(0, List.of(), 0);
      }
      clients = presence.clients();
      users = presence.users();
    }
    users.sort(null);
    int named = 0;
    long characters = 0;
    while (named < Math.min(users.size(), maxUsers)
        && (characters += users.get(named).length()) <= maxCharacters) {
      named++;
    }
    return new PresenceView(clients, users.subList(0, named), users.size() - named);
  }

  /**
   * Handles that the messages of other bridges arrive from now on. Some may have been missed.
   *
   * @param now in milliseconds of a monotonic clock
   */
  public synchronized void heard(long now) {
    heard = true;
    stateWanted = true;
    statesWanted = true;
    remotes.values().forEach(remote -> remote.excuse(now));
  }

  /** Handles that the messages of other bridges do not arrive: their silence says nothing. */
  public synchronized void unheard() {
    heard = false;
  }

  /** Handles that a message of this bridge was not sent: the next one is its state. */
  public synchronized void unsent() {
    stateWanted = true;
  }

  /**
   * Applies a message from the topic between bridges.
   *
   * @param text the body of the message, from anybody
   * @param now in milliseconds of a monotonic clock
   * @return false if the message was discarded: it is malformed, or announces more than allowed
   */
  public boolean receive(String text, long now) {
    Optional<PresenceMessage> message = codec.decode(text);
    return message.isPresent() && receive(message.get(), now);
  }

  private synchronized boolean receive(PresenceMessage message, long now) {
    if (message.instance().equals(instance)) {
      return true;
    }
    if (message.content() instanceof Bye) {
      RemoteBridge gone = remotes.remove(message.instance());
      if (gone != null) {
        gone.clear();
      }
      return true;
    }
    RemoteBridge sender = remotes.get(message.instance());
    if (sender == null) {
      if (remotes.size() >= MAX_BRIDGES) {
        return false;
      }
      sender = new RemoteBridge(now, this::change);
      remotes.put(message.instance(), sender);
    }
    if (!sender.accept(message.seq(), now)) {
      return true;
    }
    Content content = message.content();
    if (content instanceof Query query) {
      stateWanted |= query.of().isEmpty() || query.of().equals(instance);
    } else if (content instanceof State state) {
      sender.apply(state);
    } else if (content instanceof Changes changes) {
      sender.apply(changes.entries());
    }
    if (remoteEntries() > maxRemoteEntries) {
      sender.refuse(now + PERIOD_AFTER_REFUSAL);
      return false;
    }
    return true;
  }

  /** Returns the number of users on topics that other bridges have announced. */
  public synchronized int remoteEntries() {
    return remotes.values().stream().mapToInt(RemoteBridge::size).sum();
  }

  /**
   * Forgets bridges that are silent, and returns the messages that must be sent now, in order.
   *
   * @param now in milliseconds of a monotonic clock
   */
  public List<String> due(long now) {
    return collect(now).stream().map(codec::encode).toList();
  }

  private synchronized List<PresenceMessage> collect(long now) {
    List<PresenceMessage> due = new ArrayList<>();
    if (!heard || closed) {
      return due;
    }
    forgetSilent(now);
    ask(now, due);
    // Also before a state: bridges that miss nothing need the changes, and ignore the state.
    addChanges(due);
    if (stateWanted && now >= nextState) {
      stateWanted = false;
      nextState = now + PERIOD;
      addState(due);
    }
    if (due.isEmpty() && now - lastSent >= ALIVE_PERIOD) {
      add(due, new Alive());
    }
    if (!due.isEmpty()) {
      lastSent = now;
    }
    return due;
  }

  private void forgetSilent(long now) {
    for (Iterator<RemoteBridge> i = remotes.values().iterator(); i.hasNext(); ) {
      RemoteBridge remote = i.next();
      if (now - remote.lastHeard() > SILENCE) {
        i.remove();
        remote.clear();
      }
    }
  }

  private void ask(long now, List<PresenceMessage> due) {
    if (statesWanted) {
      statesWanted = false;
      remotes.values().forEach(remote -> remote.takeQuery(now, PERIOD));
      add(due, new Query(""));
    }
    remotes.forEach(
        (other, remote) -> {
          if (remote.takeQuery(now, PERIOD)) {
            add(due, new Query(other));
          }
        });
  }

  private void addState(List<PresenceMessage> due) {
    List<Entry> all = new ArrayList<>();
    local.forEach(
        (topic, users) ->
            users.forEach((user, clients) -> all.add(new Entry(topic, user, clients))));
    List<List<Entry>> parts = inParts(all);
    if (parts.isEmpty()) {
      add(due, new State(1, 1, List.of()));
    }
    for (int i = 0; i < parts.size(); i++) {
      add(due, new State(i + 1, parts.size(), parts.get(i)));
    }
  }

  private void addChanges(List<PresenceMessage> due) {
    List<Entry> changed = new ArrayList<>();
    unannounced.forEach(
        (topic, users) ->
            users.forEach(
                user ->
                    changed.add(
                        new Entry(
                            topic,
                            user,
                            local.getOrDefault(topic, Map.of()).getOrDefault(user, 0)))));
    unannounced.clear();
    inParts(changed).forEach(part -> add(due, new Changes(part)));
  }

  private static List<List<Entry>> inParts(List<Entry> entries) {
    List<List<Entry>> parts = new ArrayList<>();
    List<Entry> part = new ArrayList<>();
    int size = 0;
    for (Entry entry : entries) {
      int added = PresenceCodec.size(entry);
      if (!part.isEmpty()
          && (part.size() == PresenceCodec.MAX_ENTRIES || size + added > PresenceCodec.MAX_NAMES)) {
        parts.add(part);
        part = new ArrayList<>();
        size = 0;
      }
      part.add(entry);
      size += added;
    }
    if (!part.isEmpty()) {
      parts.add(part);
    }
    return parts;
  }

  private void add(List<PresenceMessage> due, Content content) {
    due.add(new PresenceMessage(instance, ++lastSeq, content));
  }

  /** Ends the directory. Returns the last message, with which nobody is present here any more. */
  public synchronized String close() {
    closed = true;
    return codec.encode(new PresenceMessage(instance, ++lastSeq, new Bye()));
  }
}
