/**
 * The form that tries a name: what the catalogue decides about it for a user.
 */
import { byId, el } from "../dom.js";
import { quoted, visible } from "../visible.js";
import { readExplanation, Refused } from "./endpoints.js";

byId("explain-form").addEventListener("submit", async (/** @type {Event} */ event) => {
  event.preventDefault();
  const roles = byId("explain-roles")
    .value.split(/[\s,]+/)
    .filter(Boolean);
  const result = byId("explain-result");
  try {
    const report = await readExplanation(
      byId("explain-user").value.trim(),
      byId("explain-name").value.trim(),
      roles,
    );
    result.replaceChildren(...shown(report));
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    result.replaceChildren(el("p", { class: "error", text: problem.message }));
  }
});

/** @param {import("./endpoints.js").NameReport} report */
function* shown({
  user,
  roles,
  name,
  entry,
  position,
  refused,
  kind,
  jms,
  broker,
  rights,
  allowed,
}) {
  yield el("p", {
    class: `op-verdict ${allowed ? "yes" : "no"}`,
    text: `${quoted(user)} ${allowed ? "may use" : "may not use"} ${visible(name)}`,
  });
  const facts = [
    ["Roles", roles.length === 0 ? "none" : roles.join(", ")],
    entry !== undefined && [
      "Entry",
      position === 0 ? `${entry} (of the bridge itself)` : `${position}: ${entry}`,
    ],
    jms !== undefined && ["Destination", `${kind} ${jms} at the broker ${broker}`],
    refused !== undefined && ["Not usable", refused],
    ...rights.map(({ right, decision, why }) => [right, `${decision}: ${why}`]),
  ].filter((fact) => fact !== false);
  yield el(
    "dl",
    { class: "op-facts" },
    ...facts.map(([label, value]) =>
      el("div", {}, el("dt", { text: label }), el("dd", { text: visible(value) })),
    ),
  );
}
