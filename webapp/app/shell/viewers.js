/**
 * Who looks at the same graph.
 */
import { byId, el } from "../dom.js";
import { visible } from "../visible.js";

/** So many are shown by name. */
const MOST = 5;

/** @param {readonly string[]} users everybody who looks at the graph @param {string} self this user */
export function showViewers(users, self) {
  const list = byId("viewers");
  const others = users.filter((user) => user !== self).sort();
  const shown = others.slice(0, MOST).map((user) =>
    el(
      "li",
      { class: "viewer" },
      el("span", {
        class: "avatar",
        "aria-hidden": "true",
        text: user.slice(0, 1).toUpperCase(),
      }),
      visible(user),
    ),
  );
  const more = others.length - shown.length;
  if (more > 0) shown.push(el("li", { class: "viewer", text: `and ${more} more` }));
  list.replaceChildren(...shown);
  list.hidden = shown.length === 0;
}
