/**
 * Replaces the global `window` in CometD; the build and the tests substitute the name. So CometD
 * runs in Node.js and in workers without a global `window`, and each connection opens WebSockets
 * its own way.
 */
export const window = {
  WebSocket: class {
    constructor(url: string, opener: { open(url: string): object }) {
      return opener.open(url);
    }
  },
};
