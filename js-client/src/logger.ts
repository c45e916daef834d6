/** Receives log messages; `console` is one. By default warnings and errors go to the console. */
export interface Logger {
  debug(...args: unknown[]): void;
  info(...args: unknown[]): void;
  warn(...args: unknown[]): void;
  error(...args: unknown[]): void;
}

const silent = (): void => undefined;

export const quietLogger: Logger = {
  debug: silent,
  info: silent,
  warn: (...args) => console.warn("longspan:", ...args),
  error: (...args) => console.error("longspan:", ...args),
};
