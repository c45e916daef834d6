/**
 * The graph service, called through the bridge.
 */
/**
 * @typedef {{uri: string, triples: number, writable: boolean, revision: number}} GraphEntry
 * @typedef {{graph: string, added: number, removed: number, revision: number}} GraphResult
 * @typedef {{transaction: string, graphs: GraphResult[], warnings?: string[]}} UpdateResult
 * @typedef {{contentType: string, body: string, sequence?: number}} QueryPart
 */

const DESTINATION = "services/graph";

/** What the service refused, in its own words. */
export class ServiceError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.name = "ServiceError";
    this.code = code;
  }
}

export class GraphService {
  /** @param {import("../bridge/bridge.js").Bridge} bridge */
  constructor(bridge) {
    this.bridge = bridge;
  }

  /** @returns {Promise<GraphEntry[]>} those the user may read, by their IRIs */
  async graphs() {
    const { graphs } = await this.#ask({ operation: "graphs" }, "");
    return graphs.sort((/** @type {GraphEntry} */ a, /** @type {GraphEntry} */ b) =>
      a.uri < b.uri ? -1 : 1,
    );
  }

  /**
   * @param {string} text SPARQL
   * @param {{graph?: string, pageSize?: number, signal?: AbortSignal}} [options]
   * @returns {AsyncGenerator<QueryPart>} the parts of the result, in order
   */
  async *query(text, { graph, pageSize, signal } = {}) {
    const properties = {
      operation: "query",
      ...(graph && { graph }),
      ...(pageSize && { pageSize }),
    };
    for await (const part of this.bridge.stream(DESTINATION, text, {
      properties,
      signal,
    })) {
      const body = checked(part);
      const { contentType } = part.properties;
      yield { contentType: String(contentType), body, sequence: part.sequence };
    }
  }

  /** @param {string} text SPARQL @param {string} [graph] @returns {Promise<UpdateResult>} */
  update(text, graph) {
    return this.#ask({ operation: "update", ...(graph && { graph }) }, text);
  }

  /**
   * @param {string} graph @param {string} turtle the graph's next revision
   * @param {{label?: string, signal?: AbortSignal}} [options]
   * @returns {Promise<UpdateResult>}
   */
  load(graph, turtle, { label, signal } = {}) {
    return this.#ask(
      { operation: "load", graph, ...(label && { revision: label }) },
      turtle,
      signal,
    );
  }

  /** @param {string} graph @returns {Promise<UpdateResult>} */
  create(graph) {
    return this.#ask({ operation: "create", graph }, "");
  }

  /** @param {Record<string, string>} properties @param {string} body @param {AbortSignal} [signal] */
  async #ask(properties, body, signal) {
    const answer = await this.bridge.request(DESTINATION, body, {
      properties,
      signal,
    });
    return JSON.parse(checked(answer));
  }
}

/** @param {any} answer @returns {string} its body @throws {ServiceError} */
export function checked(answer) {
  const body = answer.body === null ? "" : answer.text();
  if (answer.properties.status !== "error") return body;
  let problem = { code: "internal", message: body };
  try {
    problem = JSON.parse(body);
  } catch {
    // Shown as it is.
  }
  throw new ServiceError(problem.code, problem.message);
}
