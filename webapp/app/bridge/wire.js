/**
 * The network as the client library sees it: native WebSocket and fetch, with an ear on what travels and a switch that
 * cuts them, as a train does that enters a tunnel.
 */
import { Emitter } from "../events.js";

/**
 * @typedef {"websocket" | "long-polling"} Transport
 * @typedef {{out: boolean, transport: Transport, time: Date, message: any, bytes: number}} Packet one Bayeux message
 */

/** Emits `packet` ({@link Packet}) and `cut` (whether it is). */
export class Wire extends Emitter {
  isCut = false;
  /** @type {Set<() => void>} */
  #open = new Set();

  /** For the client's option `webSocket`. @param {string} url */
  openWebSocket = (url) => {
    const socket = new TappedSocket(url, this);
    const breakOff = () => socket.breakOff();
    this.#open.add(breakOff);
    socket.addEventListener("close", () => this.#open.delete(breakOff));
    // Later, so that the library can set its listeners first.
    if (this.isCut) setTimeout(breakOff);
    return socket;
  };

  /** For the client's option `fetch`. @param {any} input @param {RequestInit} init */
  fetch = async (input, init = {}) => {
    if (this.isCut) throw new TypeError("The network is cut");
    const cut = new AbortController();
    const breakOff = () => cut.abort(new TypeError("The network was cut"));
    init.signal?.addEventListener("abort", () => cut.abort(init.signal?.reason));
    this.#open.add(breakOff);
    try {
      this.heard("long-polling", true, String(init.body ?? ""));
      const response = await fetch(input, { ...init, signal: cut.signal });
      const text = await response.text();
      if (response.ok) this.heard("long-polling", false, text);
      const { status, statusText, headers } = response;
      return new Response(text || null, { status, statusText, headers });
    } finally {
      this.#open.delete(breakOff);
    }
  };

  /** Nothing gets through any more, in either direction, until `restore()`. */
  cut() {
    this.isCut = true;
    for (const breakOff of [...this.#open]) breakOff();
    this.#open.clear();
    this.emit("cut", true);
  }

  restore() {
    this.isCut = false;
    this.emit("cut", false);
  }

  /** @param {Transport} transport @param {boolean} out @param {string} text */
  heard(transport, out, text) {
    let messages;
    try {
      messages = JSON.parse(text);
    } catch {
      return;
    }
    const time = new Date();
    for (const message of Array.isArray(messages) ? messages : [messages]) {
      const bytes = new TextEncoder().encode(JSON.stringify(message)).length;
      this.emit("packet", { out, transport, time, message, bytes });
    }
  }
}

/** A WebSocket that can be broken off at once, without waiting for the other side. */
class TappedSocket extends EventTarget {
  onopen = (/** @type {any} */ _) => {};
  onmessage = (/** @type {any} */ _) => {};
  onerror = (/** @type {any} */ _) => {};
  onclose = (/** @type {any} */ _) => {};
  #isOver = false;
  #native;

  /** @param {string} url @param {Wire} wire */
  constructor(url, wire) {
    super();
    this.wire = wire;
    this.#native = wire.isCut ? undefined : new WebSocket(url);
    this.#native?.addEventListener("open", (event) => this.#isOver || this.onopen(event));
    this.#native?.addEventListener("error", (event) => this.#isOver || this.onerror(event));
    this.#native?.addEventListener("close", ({ code, reason }) => this.#over(code, reason));
    this.#native?.addEventListener("message", (event) => {
      if (this.#isOver) return;
      wire.heard("websocket", false, String(event.data));
      this.onmessage(event);
    });
  }

  /** @param {string} text */
  send(text) {
    if (this.#isOver || this.#native === undefined) throw new Error("The socket is closed");
    this.wire.heard("websocket", true, text);
    this.#native.send(text);
  }

  /** @param {number} [code] @param {string} [reason] */
  close(code, reason) {
    this.#native?.close(code, reason);
  }

  breakOff() {
    this.#over(1006, "cut");
    this.#native?.close();
  }

  /** @param {number} code @param {string} reason */
  #over(code, reason) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.dispatchEvent(new Event("close"));
    this.onclose({ code, reason, wasClean: code === 1000 });
  }
}
