import { resolveOptions, type ClientOptions, type Settings } from "./options.js";

/** As `resolveOptions`, with the options that only `LongspanClient` has. */
export function resolveClientOptions(options: ClientOptions): Settings {
  const { user, token, keepSession } = options;
  if (user !== undefined && token !== undefined) {
    throw new TypeError("user, token: one of them at most");
  }
  const settings = resolveOptions(options);
  return { ...settings, token, keepSession: resolveKey(keepSession, settings.url) };
}

function resolveKey(keepSession: boolean | string | undefined, url: string): string | undefined {
  if (keepSession === undefined || keepSession === false) return undefined;
  // Without an URL this is a server that renders a page.
  if (url !== "" && (globalThis as { document?: unknown }).document === undefined) {
    throw new TypeError("keepSession: only a page has a sessionStorage, and can be loaded again");
  }
  return keepSession === true ? "longspan" : keepSession;
}
