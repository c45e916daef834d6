import type { Backoff } from "../backoff.js";
import { AuthenticationError } from "../errors.js";
import { isObject, stringOf } from "../json.js";
import type { Settings } from "../options.js";

/** Who the user of a tab is. Tabs share a connection only if they agree in both. */
export interface Identity {
  /** As the bridge says it; empty if it does not. */
  readonly user: string;
  /** Issuer and subject of the token, or the token if it does not name them; `undefined` without one. */
  readonly subject: string | undefined;
}

/**
 * Asks the bridge who the user of this tab is, so that tabs of two users never share a connection.
 * Retries until the bridge answers.
 *
 * @throws AuthenticationError if nobody is signed in, or the bridge rejects the token
 */
export async function identityOf(
  { url, token: source, headers: given }: Settings,
  backoff: Backoff,
  signal: AbortSignal,
): Promise<Identity> {
  const token = typeof source === "function" ? await source() : source;
  const subject = token === undefined ? undefined : (subjectOf(token) ?? token);
  if (token === undefined) {
    const signedIn = await json(fetch(new URL("login", url), { signal }));
    const user = isObject(signedIn) ? stringOf(signedIn.user) : undefined;
    if (user !== undefined) return { user, subject };
  }
  const headers: Record<string, string> = {
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...given,
    "Content-Type": "application/json",
  };
  const post = (message: object) =>
    fetch(url, { method: "POST", headers, body: JSON.stringify([message]), signal });
  // A container, or single sign-on, may know the user of the session without the form.
  for (;;) {
    const asked = post(HANDSHAKE);
    const reply = await json(asked);
    const [first] = Array.isArray(reply) ? (reply as unknown[]) : [];
    if (isObject(first) && first.successful === true) {
      const { clientId, ext } = first;
      await json(post({ id: "2", channel: "/meta/disconnect", clientId }));
      const bridge = isObject(ext) ? ext.bridge : undefined;
      return { user: (isObject(bridge) && stringOf(bridge.user)) || "", subject };
    }
    const status = await asked.then(
      (response) => response.status,
      () => 0,
    );
    if (status === 401) throw new AuthenticationError("The bridge does not know this user (401)");
    await new Promise((resolve) => setTimeout(resolve, backoff.next()));
    signal.throwIfAborted();
  }
}

const HANDSHAKE = {
  id: "1",
  channel: "/meta/handshake",
  version: "1.0",
  supportedConnectionTypes: ["long-polling"],
};

/** Returns the body; `undefined` if there is none, or it is not JSON. */
const json = async (response: Promise<Response>): Promise<unknown> => {
  try {
    return (await (await response).clone().json()) as unknown;
  } catch {
    return undefined;
  }
};

/** Returns issuer and subject of a JSON Web Token; `undefined` for another token. */
export function subjectOf(token: string): string | undefined {
  try {
    const payload = token.split(".")[1] ?? "";
    const claims: unknown = JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/")));
    if (isObject(claims) && typeof claims.sub === "string") {
      return JSON.stringify([claims.iss, claims.sub]);
    }
  } catch {
    // It is not a JSON Web Token.
  }
  return undefined;
}
