/**
 * The page: signs somebody in, then shows the workspace.
 */
import { byId } from "./dom.js";
import { signedInUser, signOut } from "./shell/login.js";
import { askToSignIn, chosenTransport } from "./shell/sign-in.js";
import { recall, remember } from "./storage.js";
import { currentTheme, onTheme, toggleTheme } from "./theme.js";

/** Why the page asks to sign in again, over a reload. */
const REASON = "longspan.reason";

const themeButton = byId("theme");
const drawTheme = () => {
  themeButton.textContent = currentTheme() === "dark" ? "Light colours" : "Dark colours";
};
themeButton.addEventListener("click", toggleTheme);
onTheme(drawTheme);
drawTheme();

for (const button of document.querySelectorAll("dialog [data-close]")) {
  button.addEventListener("click", () => button.closest("dialog")?.close());
}
byId("help").addEventListener("click", () => byId("help-dialog").showModal());
const account = byId("account");
addEventListener("click", ({ target }) => {
  if (!account.querySelector("summary").contains(target)) account.open = false;
});
account.addEventListener("keydown", (/** @type {KeyboardEvent} */ { key }) => {
  if (key !== "Escape") return;
  account.open = false;
  account.querySelector("summary").focus();
});

const reason = recall(REASON);
remember(REASON, undefined);
const known = await signedInUser().catch(() => undefined);
const user = known ?? (await askToSignIn(reason));

byId("workspace").hidden = false;
// The form is there before the picture and its library have been loaded.
const { describe, Workspace } = await import("./workspace.js");
const workspace = new Workspace(user, chosenTransport());

/** Everything of this user ends with the document. @param {string} [why] */
async function leave(why) {
  await workspace.bridge.disconnect();
  await signOut();
  if (why !== undefined) remember(REASON, why);
  location.reload();
}

byId("sign-out").addEventListener("click", () => void leave());
workspace.onEnd = (/** @type {any} */ error) => {
  if (error.code === "authentication") void leave("The session has ended. Please sign in again.");
  else showProblem(error);
};
workspace.open().catch(showProblem);
// Not after a reload: the browser keeps the reader's place then.
if (known === undefined) byId("graph-name").focus({ preventScroll: true });

/** @param {unknown} error */
function showProblem(error) {
  const banner = byId("banner");
  banner.hidden = false;
  banner.textContent = `${describe(error)} Reload the page to try again.`;
}
