import { Hub } from "./hub.js";
import type { HubLink, HubLinkListener } from "./hub-link.js";
import type { HubTab } from "./hub-tab.js";
import { Inheritance, type Mark } from "./inheritance.js";
import { NAME, type FromHub, type ToHub } from "./wire.js";

/** What tabs tell each other on the channel. */
type Told =
  | { readonly is: "whoLeads" }
  | { readonly is: "leads"; readonly leader: string }
  | { readonly is: "toHub"; readonly leader: string; readonly tab: string; readonly message: ToHub }
  | {
      readonly is: "toTab";
      readonly tab: string;
      readonly message: FromHub;
      readonly mark: Mark | undefined;
    };

/**
 * Joins the tab that leads, or leads: one tab has the lock of the origin, and with it the hub. When
 * that tab is closed or dies, another one gets the lock, and resumes the sessions.
 */
export async function joinLeader(locks: LockManager, listener: HubLinkListener): Promise<HubLink> {
  const link = new LeaderLink(locks, listener);
  await link.opened;
  return link;
}

const lockOf = (tab: string): string => `${NAME} ${tab}`;

class LeaderLink implements HubLink {
  readonly opened: Promise<void>;
  readonly #me = crypto.randomUUID();
  readonly #channel = new BroadcastChannel(NAME);
  readonly #inheritance = new Inheritance();
  readonly #hub = new Hub((key) => this.#inheritance.storeOf(key));
  readonly #tabs = new Map<string, HubTab>();
  /** Aborts the requests for locks. */
  readonly #stop = new AbortController();
  #leader: string | undefined;
  /** Whether this tab uses the hub. It may lead for others without. */
  #joined = true;
  #found!: () => void;
  #release!: () => void;

  constructor(
    private readonly locks: LockManager,
    private readonly listener: HubLinkListener,
  ) {
    this.opened = new Promise((resolve) => (this.#found = resolve));
    const held = new Promise<void>((resolve) => (this.#release = resolve));
    this.#channel.onmessage = ({ data }: MessageEvent<Told>) => this.#heard(data);
    // By the lock of its own the leader notices that this tab has died.
    this.#lock(lockOf(this.#me), () => {
      this.#tell({ is: "whoLeads" });
      this.#lock(NAME, () => {
        this.#lead();
        return held;
      });
      return held;
    });
    addEventListener("pagehide", this.#leave);
  }

  get isOpen(): boolean {
    return this.#leader !== undefined && this.#joined;
  }

  post(message: ToHub): void {
    const leader = this.#leader;
    if (leader === undefined) return;
    // Not at once, as from another tab.
    if (leader === this.#me) queueMicrotask(() => this.#tabs.get(this.#me)?.receive(message));
    else this.#tell({ is: "toHub", leader, tab: this.#me, message });
  }

  close(): void {
    if (!this.#joined) return;
    this.#joined = false;
    if (this.#leader !== this.#me) this.post({ is: "bye" });
    this.#gone(this.#me);
    // The leader goes on for the other tabs.
    if (this.#tabs.size === 0) this.#end();
  }

  #lead(): void {
    this.#leader ??= this.#me;
    const { listener } = this;
    const own = this.#hub.attach((message) =>
      queueMicrotask(() => {
        if (this.#joined) listener.received(message);
      }),
    );
    if (this.#joined) this.#tabs.set(this.#me, own);
    this.#tell({ is: "leads", leader: this.#me });
    this.#leads(this.#me);
  }

  #leads(leader: string): void {
    const previous = this.#leader;
    this.#leader = leader;
    this.#found();
    if (previous === undefined || previous === leader) return;
    this.listener.lost();
    this.listener.found();
  }

  #heard(told: Told): void {
    const leads = this.#leader === this.#me;
    switch (told.is) {
      case "whoLeads":
        this.#inheritance.tellAnew();
        if (leads) this.#tell({ is: "leads", leader: this.#me });
        return;
      case "leads":
        this.#leads(told.leader);
        return;
      case "toHub":
        if (leads && told.leader === this.#me) this.#tabOf(told.tab).receive(told.message);
        return;
      case "toTab":
        if (told.mark) this.#inheritance.observe(told.mark, told.message);
        if (told.tab === this.#me && this.#joined) this.listener.received(told.message);
    }
  }

  #tabOf(id: string): HubTab {
    const known = this.#tabs.get(id);
    if (known) return known;
    const tab: HubTab = this.#hub.attach((message) =>
      this.#tell({ is: "toTab", tab: id, message, mark: this.#inheritance.mark(tab.key) }),
    );
    this.#tabs.set(id, tab);
    this.#lock(lockOf(id), () => this.#gone(id));
    return tab;
  }

  #gone(id: string): void {
    this.#tabs.get(id)?.gone();
    this.#tabs.delete(id);
    if (!this.#joined && this.#tabs.size === 0) this.#end();
  }

  /** The page ends, or is kept in the back-forward cache: another tab leads. */
  readonly #leave = (): void => {
    this.#joined = false;
    const others = this.#tabs.size - (this.#tabs.has(this.#me) ? 1 : 0);
    if (others === 0) this.#gone(this.#me);
    else addEventListener("pageshow", () => this.#hub.close(), { once: true });
    this.#end();
  };

  #end(): void {
    this.#stop.abort();
    this.#channel.close();
    this.#release();
    removeEventListener("pagehide", this.#leave);
  }

  #lock(name: string, granted: () => unknown): void {
    const { signal } = this.#stop;
    // It rejects when this tab has left.
    this.locks.request(name, { signal }, () => Promise.resolve(granted())).catch(() => undefined);
  }

  #tell(told: Told): void {
    if (!this.#stop.signal.aborted) this.#channel.postMessage(told);
  }
}
