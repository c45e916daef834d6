/**
 * Where new resources go in a picture that people already know: next to what they are linked to, where there is room.
 * Nothing else moves.
 */

/** @typedef {{x: number, y: number}} Point */

const STEP = 84;
const ROOM = 72;

/**
 * @param {string[]} fresh ids to place
 * @param {Map<string, Point>} placed ids that have a place; the new ones are added
 * @param {(id: string) => string[]} neighboursOf
 */
export function placeNew(fresh, placed, neighboursOf) {
  const waiting = new Set(fresh);
  while (waiting.size > 0) {
    // What is linked to something placed comes first; the others follow at the edge.
    const next =
      [...waiting].find((id) => neighboursOf(id).some((other) => placed.has(other))) ??
      /** @type {string} */ ([...waiting][0]);
    waiting.delete(next);
    const near = neighboursOf(next).flatMap((id) => placed.get(id) ?? []);
    const start = near.length > 0 ? middle(near) : edge(placed);
    placed.set(next, freeSpot(start, placed));
  }
}

/**
 * The next one that is free; of several as near, the one farthest from the middle of the picture, where fewer links run.
 * @param {Point} start @param {Map<string, Point>} placed @returns {Point}
 */
function freeSpot(start, placed) {
  const others = [...placed.values()];
  const centre = others.length > 0 ? middle(others) : start;
  const isFree = (/** @type {Point} */ at) =>
    others.every(({ x, y }) => Math.hypot(x - at.x, y - at.y) >= ROOM);
  for (let ring = 0; ring < 60; ring++) {
    const spots = ring === 0 ? 1 : 8 * ring;
    const free = Array.from({ length: spots }, (_, spot) => {
      const angle = (spot / spots) * 2 * Math.PI + 0.3;
      return {
        x: start.x + ring * STEP * Math.cos(angle),
        y: start.y + ring * STEP * Math.sin(angle),
      };
    }).filter(isFree);
    const far = (/** @type {Point} */ { x, y }) => Math.hypot(x - centre.x, y - centre.y);
    if (free.length > 0) return free.reduce((best, at) => (far(at) > far(best) ? at : best));
  }
  return start;
}

/** @param {Point[]} points @returns {Point} */
const middle = (points) => ({
  x: points.reduce((sum, { x }) => sum + x, 0) / points.length,
  y: points.reduce((sum, { y }) => sum + y, 0) / points.length,
});

/** A place below everything. @param {Map<string, Point>} placed @returns {Point} */
function edge(placed) {
  const points = [...placed.values()];
  if (points.length === 0) return { x: 0, y: 0 };
  return {
    x: middle(points).x,
    y: Math.max(...points.map(({ y }) => y)) + STEP,
  };
}
