import { createRoom, joinRoom } from "./tested.js";

/** A page, a clock and a network of which a test says what happens, and when. */
export class World {
  now = 1_000;
  random = 1;
  sockets = [];
  #timers = new Map();
  #lastTimer = 0;
  #listeners = new Map();
  #replaced = new Map();

  /** Puts itself in the place of what the client finds; `hasPage` is false for a runtime without a page. */
  constructor({ hasPage = true } = {}) {
    const world = this;
    this.storages = { sessionStorage: new Storage(), localStorage: new Storage() };
    this.WebSocket = class extends FakeSocket {
      constructor(url) {
        super(url, world);
      }
    };
    const listening = {
      addEventListener: (name, listener) => this.#of(name).add(listener),
      removeEventListener: (name, listener) => this.#of(name).delete(listener),
    };
    const location = new URL("https://game.example/play/index.html?old=1#top");
    this.document = { hidden: false, location, defaultView: this.storages, ...listening };
    this.navigator = { onLine: true };
    this.#replace("setTimeout", (act, wait = 0, ...values) => {
      // What does not fit into 31 bits is no wait at all.
      const real = wait < 2 ** 31 ? Math.max(0, wait) : 0;
      this.#timers.set(++this.#lastTimer, { at: this.now + real, act: () => act(...values) });
      return this.#lastTimer;
    });
    this.#replace("clearTimeout", (timer) => this.#timers.delete(timer));
    this.#replace("performance", { now: () => this.now });
    this.#replace("WebSocket", this.WebSocket);
    this.#replace("document", hasPage ? this.document : undefined);
    this.#replace("navigator", hasPage ? this.navigator : {});
    this.#replace("addEventListener", hasPage ? listening.addEventListener : undefined);
    this.#replace("removeEventListener", hasPage ? listening.removeEventListener : undefined);
    this.#replace("console", { ...console, warn: (warning) => this.warnings.push(warning) });
    this.randomBefore = Math.random;
    Math.random = () => this.random;
    this.warnings = [];
  }

  end() {
    for (const [name, property] of this.#replaced) {
      if (property) Object.defineProperty(globalThis, name, property);
      else delete globalThis[name];
    }
    Math.random = this.randomBefore;
  }

  get socket() {
    return this.sockets[this.sockets.length - 1];
  }

  get listenerCount() {
    return [...this.#listeners.values()].reduce((sum, listeners) => sum + listeners.size, 0);
  }

  get timerCount() {
    return this.#timers.size;
  }

  /** Lets promises settle. */
  async settle() {
    for (let turn = 0; turn < 30; turn += 1) await undefined;
  }

  /** Lets time pass, timer by timer. */
  async pass(milliseconds) {
    const end = this.now + milliseconds;
    await this.settle();
    for (;;) {
      const next = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!next) break;
      this.#timers.delete(next[0]);
      this.now = Math.max(this.now, next[1].at);
      next[1].act();
      await this.settle();
    }
    this.now = end;
  }

  /** Time passes while nothing runs, as when a machine sleeps. */
  freeze(milliseconds) {
    this.now += milliseconds;
  }

  fire(type) {
    for (const listener of [...this.#of(type)]) listener.handleEvent({ type });
  }

  async hide() {
    this.document.hidden = true;
    this.fire("visibilitychange");
    await this.settle();
  }

  async show() {
    this.document.hidden = false;
    this.fire("visibilitychange");
    await this.settle();
  }

  /** A host's room, and its first socket. */
  async created(options = {}, answer = {}) {
    const promise = createRoom({ url: "wss://relay.example", ...options });
    await this.settle();
    this.socket.open();
    this.socket.say({ type: "created", room: "ABC123", instance: "m1", region: "ams", index: 0, ...modern, ...answer });
    const room = await promise;
    await this.pass(0);
    return room;
  }

  /** A guest's room, in slot 2 beside slots 0 and 1. */
  async joined(options = {}, answer = {}) {
    const promise = joinRoom({ url: "wss://relay.example", code: "ABC123", ...options });
    await this.settle();
    this.socket.open();
    this.socket.say({ ...seat, ...answer });
    const room = await promise;
    await this.pass(0);
    return room;
  }

  /** The connection is lost, and the next one is let in. */
  async returned(answer = {}) {
    this.socket.drop(1006);
    await this.pass(0);
    this.socket.open();
    this.socket.say({ ...seat, ...answer });
    await this.settle();
  }

  #of(name) {
    if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
    return this.#listeners.get(name);
  }

  #replace(name, value) {
    this.#replaced.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}

const modern = { maxClients: 8, hold: 0 };
export const seat = {
  type: "joined", room: "ABC123", index: 2, peers: [0, 1], instance: "m1", region: "ams", ...modern, away: [],
};
export const oldSeat = { ...seat, instance: undefined, region: undefined, maxClients: undefined, hold: undefined, away: undefined };

/** All events of a room, as they come. */
export function record(room) {
  const names = [
    "message", "state", "peer", "back", "away", "gone", "replaced", "disconnected", "reconnected", "moved", "rtt",
    "error", "unreadable", "closed",
  ];
  const events = [];
  for (const name of names) room.on(name, (event) => events.push([name, event]));
  return events;
}

class Storage {
  items = new Map();

  getItem(key) {
    return this.items.get(key) ?? null;
  }

  setItem(key, value) {
    this.items.set(key, value);
  }
}

class FakeSocket {
  readyState = 0;
  bufferedAmount = 0;
  sent = [];
  /** With what the client has closed it; undefined if it has not, and null for a close without a code. */
  closed;
  onopen = null;
  onmessage = null;
  onclose = null;
  onerror = null;

  constructor(url, world) {
    if (world.refusal) throw world.refusal;
    this.url = url;
    world.sockets.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close(code = null) {
    if (this.readyState > 1) return;
    this.closed = code;
    this.readyState = 2;
  }

  open() {
    this.readyState = 1;
    this.onopen?.({});
  }

  say(message) {
    this.onmessage?.({ data: typeof message === "object" ? JSON.stringify(message) : message });
  }

  drop(code, reason = "") {
    this.readyState = 3;
    this.onerror?.({});
    this.onclose?.({ code, reason });
  }

  /** The messages of a type. */
  of(type) {
    return this.sent.filter((message) => message.type === type);
  }
}
