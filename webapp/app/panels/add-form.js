/**
 * Adds a triple: subject, predicate, object.
 */
import { byId, el, icon } from "../dom.js";
import { readTerm } from "./term-input.js";
import { triple } from "../rdf/terms.js";

export class AddForm {
  /** @param {(triple: import("../rdf/terms.js").Triple) => Promise<void>} add @param {(error: unknown) => void} fail */
  constructor(add, fail) {
    const field = (/** @type {string} */ label, /** @type {object} */ more) =>
      el("input", {
        "aria-label": label,
        placeholder: label,
        required: true,
        spellcheck: "false",
        ...more,
      });
    this.form = byId("add-form");
    this.subject = field("Subject", {
      id: "add-subject",
      list: "known-subjects",
    });
    this.predicate = field("Predicate", {
      id: "add-predicate",
      list: "known-predicates",
    });
    this.object = field("Object", { id: "add-object" });
    this.kind = el(
      "select",
      {
        id: "add-kind",
        "aria-label": "The object is",
        title: "What the object is",
      },
      el("option", { value: "text", text: "Text" }),
      el("option", { value: "resource", text: "Resource" }),
      el("option", { value: "turtle", text: "Turtle" }),
    );
    const button = el("button", { class: "primary", id: "add-button" }, icon("plus"), "Add");
    this.form.append(this.subject, this.predicate, this.object, this.kind, button);
    this.kind.addEventListener("change", () => {
      const lists = this.kind.value === "resource";
      if (lists) this.object.setAttribute("list", "known-subjects");
      else this.object.removeAttribute("list");
    });
    this.form.addEventListener("submit", async (/** @type {Event} */ event) => {
      event.preventDefault();
      const text = this.object.value;
      try {
        const subject = readTerm(this.subject.value, "resource");
        const predicate = readTerm(this.predicate.value, "resource");
        const added = triple(subject, predicate, readTerm(text, this.kind.value));
        // At once: who types fast is not to lose what he types meanwhile.
        this.object.value = "";
        this.object.focus();
        await add(added);
      } catch (error) {
        if (this.object.value === "") this.object.value = text;
        fail(error);
      }
    });
  }

  /** Starts a triple of that subject. @param {string} [subject] */
  begin(subject) {
    if (subject !== undefined) this.subject.value = subject;
    (this.subject.value === "" ? this.subject : this.predicate).focus();
  }
}
