/**
 * Where the resources of a picture go, computed by a worker.
 */

/** @typedef {import("./projection.js").Projection} Projection @typedef {{x: number, y: number}} Point */

/** About the width of a character of a label, and the height of a node with its label, in the units of the picture. */
const CHARACTER = 7.2;
const HEIGHT = 54;
const LEAST = 46;
const MOST = 176;

export class Layout {
  #worker = new Worker(new URL("layout-worker.js", import.meta.url), { type: "module" });
  #ids = 0;
  /** The newest question: the answers to older ones are not wanted any more. @type {((places: Map<string, Point> | undefined) => void) | undefined} */
  #answered;

  constructor() {
    this.#worker.addEventListener("message", ({ data: { id, places } }) => {
      if (id !== this.#ids) return;
      this.#answer(
        new Map(
          places.map((/** @type {[string, number, number]} */ [key, x, y]) => [key, { x, y }]),
        ),
      );
    });
    this.#worker.addEventListener("error", (event) => {
      console.error("the layout of the picture has failed", event.message);
      this.#answer(undefined);
    });
  }

  /** @param {Map<string, Point> | undefined} places */
  #answer(places) {
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.(places);
  }

  /**
   * @param {Projection} projection
   * @returns {Promise<Map<string, Point> | undefined>} undefined if a newer one was asked for, or it failed
   */
  of({ nodes, edges }) {
    this.#answer(undefined);
    const id = ++this.#ids;
    const boxes = [...nodes.values()]
      .map(({ id: key, label }) => ({
        id: key,
        width: Math.min(MOST, Math.max(LEAST, label.length * CHARACTER)),
        height: HEIGHT,
      }))
      .sort((one, other) => (one.id < other.id ? -1 : 1));
    const links = [...edges.values()]
      .sort((one, other) => (one.id < other.id ? -1 : 1))
      .map(({ source, target }) => ({ source, target }));
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#worker.postMessage({ id, boxes, links });
    });
  }
}

/** Places side by side, until the layout is there. @param {string[]} ids @returns {Map<string, Point>} */
export function spiral(ids) {
  const angle = Math.PI * (3 - Math.sqrt(5));
  return new Map(
    ids.map((id, at) => {
      const far = 60 * Math.sqrt(at);
      return [id, { x: far * Math.cos(at * angle), y: far * Math.sin(at * angle) }];
    }),
  );
}
