/**
 * From the messages of the topic `bridge/figures` to what the charts show. Messages have totals since the start of the
 * bridge, so a lost message makes a point coarser, never wrong.
 */

/** @typedef {{count: number, upTo: Record<string, number>}} Histogram events, and how many took up to so many ms */
/** @typedef {{user: string, clientId: string, messages: number, bytes: number}} Outbox */
/**
 * @typedef {{
 *   bridgeId: string, time: number, draining: boolean, trouble?: string,
 *   sessions: number, connected: number, subscriptions: number, queueConsumers: number,
 *   memoryBytes: number, memoryLimit: number, brokers: {name: string, connected: boolean, address?: string, trouble?: string}[],
 *   outboxes: Outbox[], sent: number, answers: number, topicMessages: number, deliveries: number, dropped: number,
 *   slowClients: number, refusals: Record<string, number>, brokerAccept: Histogram, request: Histogram, topicLatency: Histogram
 * }} Figures
 */
/** @typedef {Record<string, number | undefined>} Point the values of one second; undefined: nothing happened */

/** How many points are kept: two minutes. */
export const POINTS = 120;

const RATES = /** @type {const} */ (["sent", "answers", "topicMessages", "deliveries"]);
const LATENCIES = /** @type {const} */ (["brokerAccept", "request", "topicLatency"]);

/**
 * The bound, in ms, within which a share of the events between two readings took place.
 *
 * @param {Histogram} before @param {Histogram} after @param {number} share 0 to 1
 * @returns {number | undefined} undefined if there were none; Infinity if it is beyond all bounds
 */
export function within(before, after, share) {
  const events = after.count - before.count;
  if (events <= 0) return undefined;
  const bounds = Object.keys(after.upTo)
    .map((key) => ({ key, bound: Number(key) }))
    .filter(({ bound }) => Number.isFinite(bound))
    .sort((one, other) => one.bound - other.bound);
  const found = bounds.find(
    ({ key }) => (after.upTo[key] ?? 0) - (before.upTo[key] ?? 0) >= events * share,
  );
  return found === undefined ? Infinity : found.bound;
}

/** @param {Figures} before @param {Figures} after @returns {Point} */
export function pointBetween(before, after) {
  const seconds = Math.max(0.001, (after.time - before.time) / 1000);
  /** @type {Point} */
  const point = { connected: after.connected, memory: after.memoryBytes };
  for (const name of RATES) point[name] = Math.max(0, after[name] - before[name]) / seconds;
  for (const name of LATENCIES) {
    point[`${name}Half`] = within(before[name], after[name], 0.5);
    point[`${name}Most`] = within(before[name], after[name], 0.99);
  }
  return point;
}

/** The last two minutes of one bridge. */
export class History {
  /** @type {Point[]} */
  points = [];
  /** @type {Figures | undefined} */
  first;
  /** @type {Figures | undefined} */
  latest;

  /** @param {Figures} figures */
  add(figures) {
    const before = this.latest;
    const isOther = before?.bridgeId !== figures.bridgeId || figures.time <= before.time;
    this.latest = figures;
    if (before === undefined || isOther) {
      this.first = figures;
      this.points = [];
      return;
    }
    this.points.push(pointBetween(before, figures));
    if (this.points.length > POINTS) this.points.shift();
  }

  /** What was refused, the most frequent reason first; `now` since this page watches. */
  refusals() {
    const { first, latest } = this;
    if (first === undefined || latest === undefined) return [];
    return Object.entries(latest.refusals)
      .map(([reason, total]) => ({ reason, total, now: total - (first.refusals[reason] ?? 0) }))
      .filter(({ total }) => total > 0)
      .sort((one, other) => other.now - one.now || other.total - one.total);
  }
}
