import type { Backoff } from "../backoff.js";
import { AuthenticationError } from "../errors.js";
import { isObject, stringOf } from "../json.js";
import type { Settings } from "../options.js";

/**
 * Returns who the user of this tab is, so that tabs of two users never share a connection: the
 * subject of the token, or the user whom the bridge knows by the cookie. Retries until the bridge
 * answers; empty if the bridge does not say it.
 *
 * @throws AuthenticationError if nobody is signed in
 */
export async function userOf(
  { url, token, headers }: Settings,
  backoff: Backoff,
  signal: AbortSignal,
): Promise<string> {
  if (token !== undefined) return subjectOf(typeof token === "function" ? await token() : token);
  const signedIn = await json(fetch(new URL("login", url), { signal }));
  const user = isObject(signedIn) ? stringOf(signedIn.user) : undefined;
  if (user !== undefined) return user;
  // A container, or single sign-on, may know the user of the session without that form.
  for (;;) {
    const post = (message: object) =>
      fetch(url, {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body: JSON.stringify([message]),
        signal,
      });
    const asked = post(HANDSHAKE);
    const reply = await json(asked);
    const [first] = Array.isArray(reply) ? (reply as unknown[]) : [];
    if (isObject(first) && first.successful === true) {
      const { clientId, ext } = first;
      await json(post({ id: "2", channel: "/meta/disconnect", clientId }));
      const bridge = isObject(ext) ? ext.bridge : undefined;
      return (isObject(bridge) && stringOf(bridge.user)) || "";
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

/** Returns issuer and subject of a JSON Web Token; of another token, the token itself. */
function subjectOf(token: string): string {
  try {
    const payload = token.split(".")[1] ?? "";
    const claims: unknown = JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/")));
    if (isObject(claims) && typeof claims.sub === "string") {
      return JSON.stringify([claims.iss, claims.sub]);
    }
  } catch {
    // It is not a JSON Web Token.
  }
  return token;
}
