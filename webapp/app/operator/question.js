/**
 * The question before something that cannot be undone.
 */
import { byId } from "../dom.js";

/** @param {string} title @param {string} text @param {string} action the label of the button that means yes @returns {Promise<boolean>} whether the answer is yes */
export async function isConfirmed(title, text, action) {
  const dialog = byId("confirm");
  byId("confirm-title").textContent = title;
  byId("confirm-text").textContent = text;
  byId("confirm-yes").textContent = action;
  dialog.returnValue = "no";
  dialog.showModal();
  byId("confirm-no").focus();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "yes";
}
