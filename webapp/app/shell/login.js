/**
 * Signing in and out: the server keeps the session in a cookie that no script can read.
 */

const at = (/** @type {string} */ path) => new URL(path, document.baseURI).href;

/** @returns {Promise<string | undefined>} who is signed in */
export async function signedInUser() {
  const response = await fetch(at("login"), {
    headers: { Accept: "application/json" },
    cache: "no-store",
  });
  if (!response.ok) return undefined;
  return (await response.json()).user;
}

/** @param {string} user @param {string} password @throws {Error} with a sentence for people */
export async function signIn(user, password) {
  const response = await fetch(at("login"), {
    method: "POST",
    body: new URLSearchParams({ user, password }),
    cache: "no-store",
  }).catch(() => {
    throw new Error("The bridge can’t be reached.");
  });
  if (response.ok) return;
  if (response.status === 401) throw new Error("User and password don’t match.");
  if (response.status === 429) throw new Error("Too many attempts. Wait a moment, then try again.");
  throw new Error(`The bridge answered ${response.status}.`);
}

export async function signOut() {
  await fetch(at("logout"), { method: "POST" }).catch(() => undefined);
}
