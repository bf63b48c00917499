// The big screen: it creates the room, runs the game, and is its host.

import { createRoom } from "/client.js";
import { COLORS, Painter } from "./draw.js";
import { CHEERS, Game } from "./game.js";
import { element, IS_LOCAL, linkText, show, stayAwake, tell, tellOutages } from "./notice.js";
import { qrCode } from "./qr.js";

const MOST_PHONES = 8;
const HOLD_SECONDS = 120;
const STATE_EVERY = 250;

export async function openScreen({ resume = true } = {}) {
  let room;
  try {
    room = await createRoom({ maxClients: MOST_PHONES + 1, hold: HOLD_SECONDS, resume });
  } catch (error) {
    tell(error, [["Try again", () => openScreen({ resume })], ["New room", () => openScreen({ resume: false })]], true);
    return;
  }
  new Screen(room).open();
}

/** Draws a QR code into an SVG, with the quiet zone that scanners need. */
export function drawQR(svg, text) {
  const rows = qrCode(text);
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + 4} ${y + 4}h1v1h-1z` : ""))).join("");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", path);
  svg.setAttribute("viewBox", `0 0 ${rows.length + 8} ${rows.length + 8}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.replaceChildren(shape);
}

class Screen {
  constructor(room) {
    this.room = room;
    this.game = new Game();
    this.painter = new Painter(element("arena"));
    this.isOpen = true;
    this.seatsShown = "";
    this.stateSent = "";
  }

  open() {
    const { room } = this;
    if (room.resumed) {
      const restore = (state) => {
        this.game.restore(state);
        this.meet();
      };
      if (room.state) restore(room.state);
      else room.once("state").then(restore);
    }
    this.invite();
    this.listen();
    this.meet();
    element("start").onclick = () => this.start();
    element("lock").onclick = () => this.lock(!this.game.locked);
    element("end").onclick = () => room.close();
    element("lock").hidden = room.protocol < 3;
    show("screen");
    stayAwake();
    this.keys = (event) => {
      if (event.key === "Enter" || event.key === " ") {
        if (event.target === document.body) this.start();
      }
    };
    document.addEventListener("keydown", this.keys);
    this.ticking = setInterval(() => this.share(), STATE_EVERY);
    this.then = performance.now();
    requestAnimationFrame((now) => this.frame(now));
  }

  invite() {
    const link = this.room.joinUrl;
    drawQR(element("join-qr"), link);
    element("join-link").href = link;
    element("code").textContent = this.room.code;
    element("address").replaceChildren(location.host, document.createElement("wbr"), location.pathname);
    element("local-host").textContent = location.host;
    element("lan-example").textContent = `192.168.1.20${location.port && `:${location.port}`}${location.pathname}`;
  }

  listen() {
    const { room, game } = this;
    room.on("message", ({ from, data }) => this.hear(from, data ?? {}));
    room.on("peer", ({ index }) => game.enter(index));
    room.on("back", ({ index }) => {
      game.enter(index);
      this.say(`${this.nameOf(index)} is back`);
    });
    room.on("away", ({ index, held }) => {
      game.lose(index);
      this.say(`${this.nameOf(index)} has lost the connection${held ? "; the seat is kept" : ""}`);
    });
    room.on("gone", ({ index }) => {
      this.say(`${this.nameOf(index)} has left`);
      game.leave(index);
    });
    room.on("replaced", ({ index }) => {
      element("moving").close();
      this.say(`${this.nameOf(index)} plays on another device`);
    });
    room.on("reconnected", () => this.meet());
    room.on("closed", (error) => this.end(error));
    tellOutages(room, "This screen");
  }

  /** Makes the players those of the room, after a time in which nothing was heard of it. */
  meet() {
    const { room, game } = this;
    for (const slot of room.peers) game.enter(slot);
    for (const slot of [...game.players.keys()].filter((slot) => !room.peers.includes(slot))) game.lose(slot);
  }

  nameOf(slot) {
    return this.game.players.get(slot)?.name ?? `Player ${slot}`;
  }

  /** A message of a phone. */
  hear(from, { hello, aim, start, cheer }) {
    if (hello) this.game.introduce(from, hello);
    if (aim) this.game.steer(from, aim);
    if (start) this.start();
    if (CHEERS.includes(cheer)) this.painter.cheer(this.game.arena.comets.get(from), cheer);
  }

  start() {
    if (!this.game.start()) return;
    this.room.send({ go: true });
    this.cry("Paint!", 1200);
    this.share();
  }

  lock(locked) {
    this.room.lock(locked);
    this.game.locked = locked;
    this.say(locked ? "Nobody else gets in" : "Everybody with the code gets in");
  }

  end(error) {
    this.isOpen = false;
    clearInterval(this.ticking);
    document.removeEventListener("keydown", this.keys);
    element("moving").close();
    const again = ["New room", () => openScreen({ resume: false })];
    const back = ["Show it here", () => openScreen()];
    tell(error, error.final ? [again] : [back, again], true);
  }

  // --- What happens all the time ---

  frame(now) {
    if (!this.isOpen) return;
    const seconds = Math.min(0.05, (now - this.then) / 1000);
    this.then = now;
    // Without a connection nobody can steer, so nobody's time passes.
    if (this.room.connection === "open") {
      for (const event of this.game.pass(seconds)) this.happen(event);
    }
    this.painter.draw(this.game, seconds);
    this.label();
    requestAnimationFrame((next) => this.frame(next));
  }

  happen({ star, bump, hit, over }) {
    const { room, game, painter } = this;
    if (star !== undefined) painter.ring(game.arena.comets.get(star));
    this.tellPhone(star, { star: true });
    if (hit !== undefined) painter.ring(game.arena.comets.get(bump));
    this.tellPhone(hit, { hit: bump });
    this.tellPhone(bump, { bump: hit });
    if (over === undefined) return;
    const winner = game.players.get(over);
    room.send({ over });
    this.cry(winner ? `${winner.face} ${winner.name} wins!` : "🤖 The bot wins!", 9000);
    painter.confetti(COLORS[winner?.colour ?? 0]);
    this.share();
  }

  /** Tells a phone, if there is one: bots have none, and one that is away cannot be reached. */
  tellPhone(slot, data) {
    if (this.room.peers.includes(slot)) this.room.send(data, slot);
  }

  /** Sets the room's state if it has changed. */
  share() {
    const state = this.game.snapshot();
    const text = JSON.stringify(state);
    if (text === this.stateSent) return;
    this.stateSent = text;
    this.room.setState(state);
  }

  // --- What is written on the screen ---

  cry(text, milliseconds) {
    clearTimeout(this.crying);
    element("cry").textContent = text;
    this.crying = setTimeout(() => (element("cry").textContent = ""), milliseconds);
  }

  say(text) {
    this.said = text;
    this.saidUntil = performance.now() + 4000;
  }

  label() {
    const { game, room } = this;
    const seconds = Math.ceil(game.left);
    write("clock", game.phase === "round" ? `0:${String(seconds).padStart(2, "0")}`.replace("0:60", "1:00") : "");
    element("clock").classList.toggle("short", seconds <= 10);
    write("headline", performance.now() < (this.saidUntil ?? 0) ? this.said : this.headline());
    write("screen-link", `${linkText(room)} · ${count(room.peers.length, "phone")}`);
    write("lock", game.locked ? "Locked: let others in" : "Lock the room");
    element("lock").setAttribute("aria-pressed", game.locked);
    element("start").disabled = !game.canStart;
    element("start").hidden = game.phase === "round";
    // Small as soon as a table of points needs the place, but there for who comes late.
    element("invitation").classList.toggle("small", game.phase !== "lobby" || game.players.size > 2);
    element("local-only").hidden = !IS_LOCAL || game.players.size > 0;
    this.listSeats();
  }

  headline() {
    const { phase, players } = this.game;
    if (phase === "round") return "Paint all you can. Stars splash, and bumping steals.";
    if (phase === "over") return "Once more?";
    return players.size === 0 ? "Scan the picture with your phone" : "Warm up, and press Start";
  }

  listSeats() {
    const { game, room } = this;
    const ranking = game.ranking().filter(({ slot }) => slot > 0 || game.phase !== "lobby");
    const players = game.phase === "lobby" ? ranking.sort((one, other) => one.slot - other.slot) : ranking;
    const text = JSON.stringify([players, game.phase, room.protocol]);
    if (text === this.seatsShown) return;
    this.seatsShown = text;
    element("seats").replaceChildren(...players.map((player) => this.seatRow(player)));
  }

  seatRow({ slot, name, face, colour, away, score }) {
    const row = document.createElement("li");
    row.style.setProperty("--seat", COLORS[colour]);
    row.classList.toggle("away", away);
    row.append(face, part("span", "name", away ? `${name} (away)` : name));
    if (this.game.phase !== "lobby") row.append(part("span", "score", `${score.toFixed(1)} %`));
    else if (slot > 0 && this.room.protocol >= 3) {
      row.append(this.rowButton("Move", `Move the seat of ${name} to another phone`, () => this.move(slot)));
      row.append(this.rowButton("Kick", `Remove ${name}`, () => this.room.kick(slot)));
    }
    return row;
  }

  rowButton(label, title, act) {
    return Object.assign(part("button", "", label), { title, onclick: act });
  }

  /** Shows a QR code that gives a seat to the phone that scans it. The ticket is in the fragment, which no server sees. */
  async move(slot) {
    try {
      const ticket = await this.room.ticket(slot);
      const link = `${this.room.joinUrl}#${ticket}`;
      element("moving-title").textContent = `Move the seat of ${this.nameOf(slot)}`;
      element("ticket-link").href = link;
      drawQR(element("ticket-qr"), link);
      element("moving").showModal();
    } catch {
      this.say(`The seat of ${this.nameOf(slot)} cannot be moved at the moment`);
    }
  }
}

/** Only what has changed: screen readers read every change aloud. */
function write(id, text) {
  if (element(id).textContent !== text) element(id).textContent = text;
}

function part(tag, className, textContent) {
  return Object.assign(document.createElement(tag), { className, textContent });
}

function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
