import { describe, expect, it } from "vitest";

// What the bridge does for a browser with many tabs on long polling, told in plain Bayeux.

const { LONGSPAN_URL = "" } = process.env;

interface Reply {
  readonly channel: string;
  readonly clientId?: string;
  readonly advice?: Record<string, unknown>;
  readonly ext?: { readonly bridge?: { readonly userChannel: string } };
}

/** One browser: its tabs share a cookie. */
class Tabs {
  #cookie = "";

  async post(...messages: object[]): Promise<Reply[]> {
    const response = await fetch(new URL("cometd", LONGSPAN_URL), {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Authorization: `Basic ${btoa("alice:alice")}`,
        Cookie: this.#cookie,
      },
      body: JSON.stringify(messages),
    });
    const [cookie] = response.headers.getSetCookie();
    if (cookie !== undefined) this.#cookie = cookie.split(";")[0] ?? "";
    return (await response.json()) as Reply[];
  }

  /** A tab that has connected once and is subscribed to its channel. */
  async open(): Promise<string> {
    const connectionTypes = { supportedConnectionTypes: ["long-polling"] };
    const [shaken] = await this.post({
      channel: "/meta/handshake",
      id: "1",
      version: "1.0",
      ...connectionTypes,
    });
    const { clientId = "", ext } = shaken!;
    const subscription = ext?.bridge?.userChannel;
    await this.post({ channel: "/meta/subscribe", id: "2", clientId, subscription });
    await this.connect(clientId, { timeout: 0 });
    return clientId;
  }

  async connect(clientId: string, advice?: object): Promise<Reply> {
    const connect = { channel: "/meta/connect", id: "3", clientId, advice };
    const replies = await this.post({ ...connect, connectionType: "long-polling" });
    return replies.find(({ channel }) => channel === "/meta/connect")!;
  }

  close(clientId: string): Promise<Reply[]> {
    return this.post({ channel: "/meta/disconnect", id: "4", clientId });
  }
}

describe("a browser with five tabs", () => {
  it("has one ask from time to time, until another is closed", async () => {
    const browser = new Tabs();
    const tabs: string[] = [];
    for (let i = 0; i < 5; i++) tabs.push(await browser.open());
    const polls = tabs.map((tab) => browser.connect(tab));
    // Four are held.
    const [asking = "", reply] = await Promise.race(
      polls.map(async (poll, i) => [tabs[i], await poll] as const),
    );
    const often = { "multiple-clients": true, interval: 2000, reconnect: "retry" };
    expect(reply.advice).toMatchObject(often);
    expect((await browser.connect(asking)).advice).toMatchObject(often);
    const others = tabs.filter((tab) => tab !== asking);
    await browser.close(others.pop()!);
    const next = browser.connect(asking);
    await browser.post({
      channel: "/anzo/control",
      id: "5",
      clientId: asking,
      data: { type: "connect", protocolVersion: "1.1", correlationId: "c" },
    });
    const { advice } = await next;
    // It was held, until there was something to say, and need not wait before it asks again.
    expect(advice?.["multiple-clients"]).toBeUndefined();
    expect(advice ?? (await browser.connect(asking)).advice).toMatchObject({ interval: 0 });
    await Promise.all([asking, ...others].map((tab) => browser.close(tab)));
    await Promise.all(polls);
  }, 60_000);
});
