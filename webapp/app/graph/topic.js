/** The topic of a named graph's changes. @param {string} graph its IRI */
export function graphTopic(graph) {
  const encoded = encodeURIComponent(graph).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `namedgraphs/(${encoded})`;
}

/** Tells of every transaction that changed a graph. */
export const TRANSACTIONS = "transactions/completed";
