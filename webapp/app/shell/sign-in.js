/**
 * The sign-in form.
 */
import { byId } from "../dom.js";
import { recall, remember } from "../storage.js";
import { signIn } from "./login.js";

const KEY = "longspan.transport";

let chosen = recall(KEY);

/** @typedef {"auto" | "websocket" | "long-polling"} TransportChoice */

/** @returns {TransportChoice} what was chosen in this tab */
export function chosenTransport() {
  return chosen === "websocket" || chosen === "long-polling" ? chosen : "auto";
}

/** Shows the form until somebody has signed in. @param {string} [reason] @returns {Promise<string>} the user */
export function askToSignIn(reason) {
  const form = byId("sign-in-form");
  const error = byId("sign-in-error");
  const button = byId("sign-in-button");
  const say = (/** @type {string | undefined} */ text) => {
    error.hidden = text === undefined;
    error.textContent = text ?? "";
  };
  say(reason);
  form.elements.transport.value = chosenTransport();
  byId("sign-in").hidden = false;
  document.body.dataset.view = "sign-in";
  for (const person of form.querySelectorAll("[data-user]")) {
    person.addEventListener("click", () => {
      form.elements.user.value = person.dataset.user;
      form.elements.password.value = person.dataset.user;
      button.focus();
    });
  }
  form.elements.user.focus();
  return new Promise((resolve) => {
    form.addEventListener("submit", async (/** @type {Event} */ event) => {
      event.preventDefault();
      const user = form.elements.user.value.trim();
      button.disabled = true;
      say(undefined);
      try {
        await signIn(user, form.elements.password.value);
        chosen = form.elements.transport.value;
        remember(KEY, chosen);
        form.elements.password.value = "";
        byId("sign-in").hidden = true;
        resolve(user);
      } catch (problem) {
        say(/** @type {Error} */ (problem).message);
        form.elements.password.select();
      } finally {
        button.disabled = false;
      }
    });
  });
}
