import type { JsonValue } from "./json.js";
import type { SendBody } from "./sends.js";

/**
 * What each destination takes and gives, by its name or a template such as `prices/${string}`. A
 * member that is missing says that the user may not do that. `longspan types` writes it.
 *
 *     interface MyDestinations {
 *       "services/quote": { send: { symbol: string }; answer: { price: number } };
 *       [prices: `prices/${string}`]: { message: { price: number } };
 *     }
 */
export interface AnyDestinations {
  readonly [name: string]: {
    /** What is sent: the body of a request or of `publish()`. */
    readonly send: SendBody;
    /** What a service answers. */
    readonly answer: JsonValue;
    /** What subscribers of a topic get. */
    readonly message: JsonValue;
    /** What consumers of a queue get. */
    readonly work: JsonValue;
  };
}

type Use = keyof AnyDestinations[string];

/** The names of the destinations that can be used in this way. */
export type NameFor<U extends Use, D> = {
  [N in keyof D & string]: D[N] extends Readonly<Record<U, unknown>> ? N : never;
}[keyof D & string];

/** The type of the bodies of a destination; `JsonValue` if it has none. */
export type BodyOf<U extends Use, D, N extends keyof D> =
  D[N] extends Readonly<Record<U, infer B>> ? B : JsonValue;
