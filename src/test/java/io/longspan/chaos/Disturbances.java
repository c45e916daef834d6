package io.longspan.chaos;

/**
 * What was disturbed in a run of {@link DeliveryStage}, which excuses its clients; for all threads.
 *
 * @param outages when a bridge had no broker, or was away
 * @param freezes when bytes to clients of a bridge could be held back
 */
record Disturbances(RunClock clock, Outages outages, Outages freezes, EventLog events) {
  static Disturbances none() {
    RunClock clock = new RunClock();
    return new Disturbances(clock, new Outages(), new Outages(), new EventLog(clock));
  }

  /** Notes the beginning of an outage, and what it is. */
  Outages.Outage begin(String bridge, String what) {
    events.add(what);
    return outages.begin(bridge, clock.now());
  }

  void end(Outages.Outage outage) {
    events.add("… and that is over");
    outages.end(outage, clock.now());
  }
}
