// A panel that shows what the clients of a page send and receive: <script src="/js/inspector.js">
// before the script that creates the client. It needs nothing of the page, and changes nothing.
import type { Client } from "./client.js";
import type { WireEvent } from "./status.js";

/** Maximum number of lines; older ones are removed. */
const MAX_LINES = 500;
/** Maximum length of a line; the whole message is in its title. */
const MAX_TEXT = 300;

const STYLE = `
  :host { all: initial; }
  section { position: fixed; right: 8px; bottom: 8px; z-index: 2147483647; width: min(44rem, 96vw);
    font: 12px/1.5 ui-monospace, monospace; color: #e8e8e8; background: #1d2126; border-radius: 6px;
    box-shadow: 0 2px 12px #0008; }
  header { display: flex; gap: 8px; align-items: center; padding: 4px 8px; }
  output { flex: 1; }
  button, input { font: inherit; color: inherit; background: #333a42; border: 0; border-radius: 4px; padding: 2px 8px; }
  ol { height: 14rem; margin: 0; padding: 4px 8px; overflow: auto; list-style: none; }
  li { white-space: pre-wrap; overflow-wrap: anywhere; border-top: 1px solid #333a42; }
  .sent { color: #9fd0ff; } .received { color: #b9e6b0; } .note { color: #ffd479; }
  [hidden] { display: none; }`;

class Panel {
  readonly #list = document.createElement("ol");
  readonly #status = document.createElement("output");
  readonly #filter = document.createElement("input");
  #clients = 0;

  constructor() {
    const host = document.createElement("longspan-inspector");
    const root = host.attachShadow({ mode: "open" });
    const style = new CSSStyleSheet();
    style.replaceSync(STYLE);
    root.adoptedStyleSheets = [style];
    const [section, header] = [document.createElement("section"), document.createElement("header")];
    this.#filter.placeholder = "filter";
    this.#filter.setAttribute("aria-label", "Show only lines with this text");
    this.#filter.oninput = () => {
      for (const line of this.#list.children) this.#show(line as HTMLElement);
    };
    const clear = button("Clear", () => this.#list.replaceChildren());
    const fold = button("Hide", () => {
      this.#list.hidden = !this.#list.hidden;
      fold.textContent = this.#list.hidden ? "Show" : "Hide";
    });
    this.#status.textContent = "no client";
    header.append(this.#status, this.#filter, clear, fold);
    section.append(header, this.#list);
    root.append(section);
    const attach = () => document.body.append(host);
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", attach);
    else attach();
  }

  watch(client: Client): void {
    const name = `client ${++this.#clients}`;
    this.#status.textContent = `${name}: ${client.status}`;
    client.on("status", ({ status, error }) => {
      this.#status.textContent = `${name}: ${status}`;
      this.#add("note", `${name} ${status}${!error ? "" : `: ${error.message}`}`);
    });
    client.on("transport", ({ transport }) => this.#add("note", `${name} uses ${transport}`));
    client.on("gap", (gap) => this.#add("note", `${name} gap ${JSON.stringify(gap)}`));
    client.on("wire", ({ direction, message }) => this.#message(direction, message));
  }

  #message(direction: WireEvent["direction"], message: WireEvent["message"]): void {
    const { channel, ...rest } = message;
    const arrow = direction === "sent" ? "→" : "←";
    this.#add(direction, `${arrow} ${String(channel)} ${JSON.stringify(rest)}`);
  }

  #add(kind: string, text: string): void {
    const line = document.createElement("li");
    line.className = kind;
    const time = new Date().toISOString().slice(11, 23);
    line.textContent = `${time} ${text.slice(0, MAX_TEXT)}`;
    line.title = text;
    this.#show(line);
    const { scrollTop, scrollHeight, clientHeight } = this.#list;
    this.#list.append(line);
    if (this.#list.childElementCount > MAX_LINES) this.#list.firstElementChild?.remove();
    // It follows, unless somebody reads further up.
    if (scrollTop + clientHeight >= scrollHeight - 4) this.#list.scrollTop = scrollHeight;
  }

  #show(line: HTMLElement): void {
    line.hidden = !line.title.includes(this.#filter.value);
  }
}

function button(text: string, clicked: () => void): HTMLButtonElement {
  const it = document.createElement("button");
  it.type = "button";
  it.textContent = text;
  it.onclick = clicked;
  return it;
}

const panel = new Panel();
(globalThis as { longspanInspector?: (client: Client) => void }).longspanInspector = (client) =>
  panel.watch(client);
