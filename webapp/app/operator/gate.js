/**
 * Which part of the page is open: the board, or the gate before it, where an operator signs in.
 */
import { byId } from "../dom.js";
import { signedInUser, signIn, signOut } from "../shell/login.js";
import { quoted } from "../visible.js";

/** @param {"gate" | "board"} part */
function open(part) {
  byId("gate").hidden = part !== "gate";
  byId("board").hidden = part !== "board";
  byId("sign-out").hidden = part === "gate";
  document.body.dataset.view = part;
  if (part === "gate") byId("updated").textContent = "";
}

export function openBoard() {
  open("board");
}

export function askToSignIn() {
  open("gate");
  byId("refused").hidden = true;
  byId("sign-in-form").hidden = false;
  byId("user").focus();
}

/** Says that the user who is signed in is no operator. */
export async function refuse() {
  const user = await signedInUser().catch(() => undefined);
  open("gate");
  byId("sign-in-form").hidden = true;
  byId("refused").hidden = false;
  byId("refused-text").textContent =
    `${user === undefined ? "You are" : `${quoted(user)} is`} signed in, but without the role sysadmin.`;
}

/** @param {() => Promise<void>} enter reads what the user may see, and opens the board or the gate */
export function whenSignedIn(enter) {
  byId("sign-in-form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    void onSignIn(enter);
  });
  byId("other-user").addEventListener("click", async () => {
    await signOut();
    askToSignIn();
  });
}

/** @param {() => Promise<void>} enter */
async function onSignIn(enter) {
  const form = byId("sign-in-form");
  const error = byId("sign-in-error");
  error.hidden = true;
  byId("sign-in-button").disabled = true;
  try {
    await signIn(form.elements.user.value.trim(), form.elements.password.value);
    form.elements.password.value = "";
    await enter();
    byId(byId("board").hidden ? "refused-title" : "bridge-title").focus();
  } catch (problem) {
    error.hidden = false;
    error.textContent = /** @type {Error} */ (problem).message;
    form.elements.password.select();
  } finally {
    byId("sign-in-button").disabled = false;
  }
}
