declare global {
  interface SymbolConstructor {
    /** Missing in older browsers, and in the types of older targets. */
    readonly asyncDispose: unique symbol;
  }
}

/** `Symbol.asyncDispose`, or a symbol in its place where the platform has none. */
export const asyncDispose: typeof Symbol.asyncDispose =
  (Symbol as { asyncDispose?: typeof Symbol.asyncDispose }).asyncDispose ??
  (Symbol.for("Symbol.asyncDispose") as typeof Symbol.asyncDispose);
