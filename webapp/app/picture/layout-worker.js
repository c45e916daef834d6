/**
 * Lays graphs out beside the page, which stays responsive. The same graph gives the same picture for everybody: the order
 * of the elements, their sizes and the random numbers depend on the graph alone.
 */
import cytoscape from "../../js/vendor/cytoscape.js";

/** @typedef {{id: string, width: number, height: number}} Box @typedef {{source: string, target: string}} Link */

/** Rounds of improvement: fewer for many resources, where a picture that comes soon is better than the best one. */
const ROUNDS = 2500;
const ROUNDS_OF_MANY = 400;
const MANY = 400;

onmessage = ({ data: { id, boxes, links } }) => {
  Math.random = numbers(boxes.length * 7919 + links.length);
  const cy = cytoscape({
    headless: true,
    styleEnabled: true,
    elements: [
      ...boxes.map((/** @type {Box} */ box) => ({ data: box })),
      ...links.map((/** @type {Link} */ link) => ({ data: link })),
    ],
    style: [{ selector: "node", style: { width: "data(width)", height: "data(height)" } }],
  });
  cy.layout({
    name: "fcose",
    quality: "default",
    numIter: boxes.length > MANY ? ROUNDS_OF_MANY : ROUNDS,
    randomize: true,
    animate: false,
    fit: false,
    nodeRepulsion: 9000,
    idealEdgeLength: 80,
    tilingPaddingVertical: 24,
    tilingPaddingHorizontal: 24,
  }).run();
  const places = cy
    .nodes()
    .map((/** @type {any} */ node) => [node.id(), node.position("x"), node.position("y")]);
  cy.destroy();
  postMessage({ id, places });
};

/** Random numbers that are the same each time (mulberry32). @param {number} seed */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
