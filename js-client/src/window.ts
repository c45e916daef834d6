/**
 * The `window` that CometD sees, in place of the global one (the build and the tests replace the name): so CometD runs
 * in Node.js and in workers without a global being made up, and each connection opens its WebSockets in its own way.
 */
export const window = {
  WebSocket: class {
    constructor(url: string, opener: { open(url: string): object }) {
      return opener.open(url);
    }
  },
};
