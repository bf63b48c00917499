import { Link } from "./Link.js";
import { PartyError, errorFrom } from "./PartyError.js";

const STATE_EVERY = 50;
const STATE_BYTES = 16_384;
const KEPT_CHARACTERS = 65_536;
const KEPT_FOR = 10_000;
const TICKET_TIMEOUT = 10_000;

/** A place in a room: what the relay says becomes its fields and events. */
export class Room {
  resumed = false;
  connection = "reconnecting";
  #options;
  #settle;
  #link;
  #error;
  #handlers = {};
  /** Events that nobody could listen to yet. */
  #early;
  /** All that were here, and whether each is one of `peers`, `away` or gone. */
  #slots = new Map();
  #kept = [];
  /** Requests for tickets that have no answer yet. */
  #tickets = new Set();
  #state;
  #stateTimer;
  #stateAt = 0;
  #leftAt;

  #abort = () => this.#link.stop(new PartyError("aborted"));

  /** `settle` has the `resolve` and `reject` of who waits for the room. */
  constructor(options, plan, way, settle) {
    this.#options = options;
    this.#settle = settle;
    this.#link = new Link(plan, way, {
      receive: (message, attempts) => this.#receive(message, attempts),
      emit: (name, event) => this.#emit(name, event),
      lost: (event) => {
        this.#depart();
        for (const { kept, settle } of this.#tickets) {
          this.#kept.includes(kept) || settle(new PartyError("unreachable"));
        }
        this.#emit("disconnected", event);
      },
      ended: (error) => this.#ended(error),
    });
    options.signal?.addEventListener("abort", this.#abort);
    this.#link.start();
  }

  get isHost() {
    return this.index === 0;
  }

  get peers() {
    return this.#those("peers");
  }

  get away() {
    return this.#those("away");
  }

  on(name, fn) {
    const fns = (this.#handlers[name] ??= new Set());
    fns.add(fn);
    return () => fns.delete(fn);
  }

  once(name) {
    return new Promise((resolve) => {
      const off = this.on(name, (event) => resolve(event, off()));
    });
  }

  send(data, to) {
    if (to?.map && this.protocol < 3) return to.map((index) => this.send(data, index)).every(Boolean);
    return this.#say({ type: "send", data, to }, this.#options.whileAway !== "drop");
  }

  setState(state) {
    const text = JSON.stringify(state);
    if (!this.isHost) throw new PartyError("only_host_can_set_state");
    if (text === undefined) throw new PartyError("state_data_required");
    if (new TextEncoder().encode(text).length > STATE_BYTES) throw new PartyError("state_too_large");
    this.state = state;
    this.#state = text;
    this.#stateTimer ??= setTimeout(() => this.#sendState(), Math.max(0, this.#stateAt + STATE_EVERY - performance.now()));
  }

  kick(index, { ban } = {}) {
    this.#ask({ type: "kick", index, ban });
  }

  lock(locked) {
    this.#ask({ type: "lock", locked });
  }

  ticket(index) {
    return new Promise((resolve, reject) => {
      if (this.connection === "closed") throw this.#error;
      this.#ask({ type: "ticket", index });
      const settle = (error, ticket) => {
        clearTimeout(timer);
        this.#tickets.delete(waiter);
        error ? reject(error) : resolve(ticket);
      };
      const timer = setTimeout(settle, TICKET_TIMEOUT, new PartyError("timeout"));
      // Nothing is kept where it could be sent.
      const waiter = { index, settle, kept: [...this.#kept].pop() };
      this.#tickets.add(waiter);
    });
  }

  leave() {
    this.#goodbye("leave", "left");
  }

  close() {
    if (!this.isHost) throw new PartyError("only_host_can_close");
    this.#goodbye("close_room", "room_closed");
  }

  reconnect() {
    if (this.connection !== "closed") this.#link.wake();
    else if (!this.#error.final) {
      this.#depart();
      this.#link.start();
    }
  }

  suspend() {
    this.#link.isSuspended = true;
  }

  resume() {
    this.#link.isSuspended = false;
    this.#link.wake();
  }

  #goodbye(type, code) {
    if (this.connection === "closed") return;
    this.#link.send(JSON.stringify({ type }));
    this.#link.stop(new PartyError(code, { final: true }));
  }

  #ask(message) {
    if (this.protocol < 3) throw new PartyError("not_supported", { final: true });
    this.#say(message, true);
  }

  /** Sends it, or keeps it for the return. */
  #say(message, isKept) {
    const text = JSON.stringify(message);
    if (this.#link.send(text)) return true;
    if (!isKept || this.connection === "closed" || text.length > KEPT_CHARACTERS) return false;
    const kept = this.#kept;
    kept.push({ text, at: performance.now() });
    while (kept.map(({ text }) => text).join("").length > KEPT_CHARACTERS) kept.shift();
    return true;
  }

  #sendState() {
    clearTimeout(this.#stateTimer);
    this.#stateTimer = undefined;
    if (this.#state && this.#link.send(`{"type":"set_state","data":${this.#state}}`)) this.#stateAt = performance.now();
  }

  #emit(name, event) {
    if (this.#early) return void this.#early.push(() => this.#emit(name, event));
    if (this.connection === "closed" && name !== "closed") return;
    const fns = [...(this.#handlers[name] ?? [])];
    if (name === "error" && !fns.length) console.warn(event);
    for (const fn of fns) {
      try {
        fn(event);
      } catch (error) {
        Promise.reject(error); // the game's, and not the connection's: it is told to the console
      }
    }
  }

  #depart() {
    this.#leftAt = performance.now();
    this.connection = "reconnecting";
  }

  #entered(
    { room, index, url, instance = this.instance, region = this.region, maxClients, hold, peers = [], away = [] },
    attempts,
  ) {
    const before = this.#settle ? peers : this.peers;
    const protocol = maxClients ? 3 : 2;
    const joinUrl = url ?? pageFor(this.#options.controllerUrl, room, instance);
    Object.assign(this, { code: room, index, instance, region, maxClients, hold, protocol, joinUrl, connection: "open" });
    // Before any listener can say something newer.
    for (const { text, at } of this.#kept.splice(0)) if (performance.now() - at < KEPT_FOR) this.#link.send(text);
    if (!this.isHost) this.#state = undefined; // a ticket has made another the host, whose state counts
    this.#sendState();
    if (this.#settle) this.#introduce();
    else this.#emit("reconnected", { after: performance.now() - this.#leftAt, attempts });
    for (const slot of before) if (!peers.includes(slot)) this.#departed(slot, undefined, away.includes(slot));
    for (const slot of away) this.#slots.set(slot, "away");
    for (const slot of peers) before.includes(slot) ? this.#slots.set(slot, "peers") : this.#arrived(slot);
  }

  /** Hands the room over, and gives who gets it the time to listen. */
  #introduce() {
    this.#early = [];
    this.#answer("resolve", this);
    setTimeout(() => {
      const early = this.#early;
      this.#early = undefined;
      for (const emit of early) emit();
    });
  }

  #those(where) {
    const slots = [...this.#slots.keys()].filter((slot) => this.#slots.get(slot) === where);
    return slots.sort((a, b) => a - b);
  }

  #arrived(index, back = this.#slots.has(index)) {
    this.#slots.set(index, "peers");
    this.#emit(back ? "back" : "peer", { index });
  }

  #departed(index, reason, held = false) {
    const isGone = reason === "left" || reason === "kicked";
    const where = isGone ? "gone" : "away";
    this.#slots.set(index, where);
    this.#emit(where, isGone ? { index, reason } : { index, reason, held });
  }

  /** `attempts` were needed if it is the answer to a `create` or `join`. */
  #receive(message, attempts) {
    const { type, index, from, data, back, reason, held, t, ticket } = message;
    if (attempts) return this.#entered(message, attempts);
    switch (type) {
      case "message":
        return this.#emit(type, { from, data });
      case "state":
        if (this.#state) return; // a return: the host's own is at least as new
        this.state = data;
        return this.#emit(type, data);
      case "peer_joined":
        return this.#arrived(index, back);
      case "peer_left":
        return this.#departed(index, reason, held);
      case "peer_replaced":
        return this.#emit("replaced", { index });
      case "moved":
        return this.#emit(type);
      case "pong":
        const sample = performance.now() - t;
        if (sample >= 0) this.#emit("rtt", (this.rtt = (3 * (this.rtt ?? sample) + sample) / 4));
        return;
      case "ticket":
        return [...this.#tickets].find((waiter) => waiter.index === index)?.settle(null, ticket);
      case "error":
        const error = errorFrom(message);
        // There are tickets for all slots that there ever were, so a target that is not there may be another request's.
        const isKnown = (slot) => slot === this.index || this.#slots.has(slot);
        const isMeant = (waiter) => /ticket/.test(error.code) || (/target/.test(error.code) && !isKnown(waiter.index));
        const refused = [...this.#tickets].find(isMeant);
        return refused ? refused.settle(error) : this.#emit(type, error);
      default:
        throw type;
    }
  }

  #ended(error) {
    this.#error = error;
    this.connection = "closed";
    clearTimeout(this.#stateTimer);
    for (const { settle } of this.#tickets) settle(error);
    this.#settle ? this.#answer("reject", error) : this.#emit("closed", error);
  }

  /** Tells who waits for the room, once. */
  #answer(act, value) {
    this.#options.signal?.removeEventListener("abort", this.#abort);
    this.#settle[act](value);
    this.#settle = undefined;
  }
}

/** The address for phones: the template filled in, or this page. */
function pageFor(template, room, instance = "") {
  const page = globalThis.document?.location;
  template ??= page && page.origin + page.pathname + "?room={room}";
  return template?.replace(/\{room\}/g, room).replace(/\{instance\}/g, encodeURIComponent(instance));
}
