/**
 * Which labels are shown where there is no room for all: the more important ones.
 */

/** @typedef {{id: string, x1: number, y1: number, x2: number, y2: number, weight: number}} LabelBox */

/** The side of the squares by which neighbours are found. */
const CELL = 120;

/**
 * @param {LabelBox[]} boxes @returns {Set<string>} the ids of those that are shown; no two of them overlap
 */
export function roomFor(boxes) {
  /** @type {Map<string, LabelBox[]>} */
  const cells = new Map();
  /** @type {Set<string>} */
  const shown = new Set();
  const order = [...boxes].sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1));
  for (const box of order) {
    const keys = cellsOf(box);
    const isFree = keys.every((key) =>
      (cells.get(key) ?? []).every((other) => !overlap(box, other)),
    );
    if (!isFree) continue;
    shown.add(box.id);
    for (const key of keys) {
      const cell = cells.get(key);
      if (cell === undefined) cells.set(key, [box]);
      else cell.push(box);
    }
  }
  return shown;
}

/** @param {LabelBox} box */
function cellsOf({ x1, y1, x2, y2 }) {
  const keys = [];
  for (let x = Math.floor(x1 / CELL); x <= Math.floor(x2 / CELL); x++) {
    for (let y = Math.floor(y1 / CELL); y <= Math.floor(y2 / CELL); y++) keys.push(`${x} ${y}`);
  }
  return keys;
}

/** @param {LabelBox} one @param {LabelBox} other */
const overlap = (one, other) =>
  one.x1 < other.x2 && other.x1 < one.x2 && one.y1 < other.y2 && other.y1 < one.y2;
