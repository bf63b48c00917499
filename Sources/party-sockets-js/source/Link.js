import { PartyError, errorFrom } from "./PartyError.js";

/** To open a socket, and again to be let in; twice that from the third try on. */
const ATTEMPT = 5_000;
/** After so long without a word from the relay it is asked. */
const QUIET = 5_000;
/** For the answer. Doubled each time it runs out, since a large message on a slow link looks the same. */
const PATIENCE = 5_000;
/** The round trip is measured at least so often. */
const MEASURE = 30_000;

/**
 * One member's way into its room, over as many sockets as it takes.
 *
 * Its `phase` is `waiting` (for the next try), `opening`, `joining`, `open` or `closed`, and its one timer belongs to the
 * phase. A Plan decides; `room` is told, and asked for what to say.
 */
export class Link {
  isSuspended = false;
  /** Sockets that were given up but may still be open. */
  #stale = [];
  #patience = PATIENCE;
  #hiddenAt = 0;
  #plan;
  #way;
  #room;
  #phase;
  #socket;
  #timer;
  #begun;
  #heard;
  #pinged;
  #isAnswered;
  /** An old relay answers no pings. */
  #isOld;

  /** `way` has the relay's address as `base`, the WebSocket to use, and the first `request`. */
  constructor(plan, way, room) {
    this.#plan = plan;
    this.#way = way;
    this.#room = room;
  }

  /** Begins, or begins anew after its end. */
  start() {
    this.#listen("addEventListener");
    this.#plan.woken(performance.now());
    this.#connect();
  }

  /** Whether it could be sent. */
  send(text) {
    const isOpen = this.#phase === "open" && this.#socket.readyState === 1;
    if (isOpen) this.#socket.send(text);
    return isOpen;
  }

  /** The page is looked at again, the network is back, or somebody has asked. The page was last hidden so long ago. */
  wake(slept = Infinity) {
    if (this.isSuspended || this.#phase === "closed") return;
    const now = performance.now();
    this.#plan.woken(now);
    if (this.#phase === "open") {
      if (this.#isOld) slept > 15_000 && this.#lost(1006);
      else if (now - this.#pinged > 1_000) this.#ping(PATIENCE / 2);
    } else if (this.#phase === "waiting" || (!this.#plan.first && now - this.#begun > 1_000)) {
      this.#release();
      this.#connect();
    }
  }

  /** Ends it; a goodbye, if the connection is open. */
  stop(error) {
    this.#phase = "closed";
    clearTimeout(this.#timer);
    this.#listen("removeEventListener");
    this.#release();
    this.#hangUp();
    this.#room.ended(error);
  }

  #listen(act) {
    for (const name of ["visibilitychange", "pageshow", "online"]) globalThis[act]?.(name, this);
  }

  /** Each event is a reason to wake up, but for the one that says that the page is hidden. */
  handleEvent() {
    const now = performance.now();
    if (globalThis.document?.hidden) this.#hiddenAt = now;
    else this.wake(now - this.#hiddenAt);
  }

  get #isUnwatched() {
    return this.isSuspended || globalThis.document?.hidden || globalThis.navigator?.onLine === false;
  }

  #arm(wait, then) {
    clearTimeout(this.#timer);
    const due = performance.now() + wait;
    // So late a timer was frozen with the page or the machine: what has come meanwhile is to be read first. An entrance
    // is over at its deadline, even so.
    const ring = () => (performance.now() - due > 3_000 && !this.#plan.first ? this.wake() : then());
    if (wait < Infinity) this.#timer = setTimeout(ring, wait);
  }

  #follow({ wait, pinned, end }) {
    if (end) return this.stop(end);
    this.#phase = "waiting";
    this.#arm(wait, () => this.isSuspended || this.#connect(pinned));
  }

  #connect(pinned) {
    const { WebSocket, base, request, instance } = this.#way;
    const isPinned = pinned && instance;
    let socket;
    try {
      const url = new URL(base);
      url.pathname += encodeURIComponent(request.room ?? "");
      if (isPinned) url.searchParams.set("instance", instance);
      socket = this.#socket = new WebSocket(url.href);
    } catch ({ message }) {
      return this.stop(new PartyError("invalid_url", { message, final: true }));
    }
    this.#begun = performance.now();
    this.#attempt("opening");
    socket.onopen = () => {
      this.#attempt("joining");
      this.#plan.opened(isPinned);
      socket.send(JSON.stringify(request));
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#lost(code, reason);
    // Node 20 tells no close of a socket that never opened. Of others a close follows.
    socket.onerror = () => this.#phase === "opening" && this.#lost(1006);
  }

  #attempt(phase) {
    const { first, tries, deadline } = this.#plan;
    const limit = tries > 2 ? 2 * ATTEMPT : ATTEMPT;
    this.#phase = phase;
    this.#arm(first ? Math.min(limit, deadline - performance.now()) : limit, () => this.#lost(1006));
  }

  /**
   * Lets go of the socket. A close frame gives up the seat, and may end the room, so an open socket is closed only when
   * the next one has got the seat.
   */
  #release() {
    const socket = this.#socket;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = () => {};
    this.#socket = undefined;
    if (socket.readyState === 1) this.#stale.push(socket);
    else socket.close();
  }

  #hangUp() {
    for (const socket of this.#stale.splice(0)) socket.close(1000);
  }

  #lost(code, reason = "") {
    const wasOpen = this.#phase === "open";
    this.#release();
    this.#follow(this.#plan.lost(code, performance.now(), this.#isUnwatched));
    if (wasOpen && this.#phase !== "closed") this.#room.lost({ code, reason });
  }

  #receive(text) {
    this.#heard = performance.now();
    this.#isAnswered = true;
    try {
      const message = JSON.parse(text);
      if (this.#phase === "open") {
        this.#room.receive(message);
        if (message.type === "moved" && this.#phase === "open") this.#lost(1012, "moved");
      } else if (/^(created|joined)$/.test(message.type)) this.#enter(message);
      else if (message.type === "error") {
        this.#socket.close(1000);
        this.#release();
        this.#follow(this.#plan.refused(errorFrom(message), this.#heard, this.#isUnwatched));
      }
    } catch {
      this.#room.emit("unreadable", { data: text });
    }
  }

  #enter(message) {
    this.#phase = "open";
    clearTimeout(this.#timer);
    this.#plan.entered(this.#heard);
    this.#hangUp();
    const { request } = this.#way;
    this.#way.request = { type: "join", v: 3, clientId: request.clientId, room: message.room };
    this.#way.instance = message.instance ?? this.#way.instance;
    this.#isOld = message.maxClients === undefined;
    this.#room.receive(message, this.#plan.tries);
    if (this.#phase === "open" && !this.#isOld) this.#ping(this.#patience);
  }

  #watch() {
    if (this.#isUnwatched) return;
    const now = performance.now();
    if (now - this.#heard >= QUIET || now - this.#pinged >= MEASURE) this.#ping(this.#patience);
    else this.#arm(this.#heard + QUIET - now, () => this.#watch());
  }

  #ping(patience) {
    const { bufferedAmount } = this.#socket;
    this.#pinged = performance.now();
    this.#isAnswered = false;
    this.send(JSON.stringify({ type: "ping", t: this.#pinged }));
    this.#expect(patience, bufferedAmount);
  }

  /** As long as what was sent before the ping is still leaving, the connection lives. */
  #expect(patience, buffered) {
    this.#arm(patience, () => {
      const { bufferedAmount } = this.#socket;
      if (this.#isAnswered) {
        if (performance.now() - this.#plan.since > 60_000) this.#patience = PATIENCE;
        return this.#watch();
      }
      if (bufferedAmount < buffered) return this.#expect(patience, bufferedAmount);
      this.#patience = Math.min(2 * this.#patience, 8 * PATIENCE);
      this.#lost(1006, "silent");
    });
  }
}
