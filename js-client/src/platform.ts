/** Whether this runs in Node.js, and not in a browser. */
export const isNode = (): boolean => {
  const { process, document } = globalThis as {
    process?: { versions?: { node?: string } };
    document?: unknown;
  };
  return process?.versions?.node !== undefined && document === undefined;
};
