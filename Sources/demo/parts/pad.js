// A phone: it steers one comet, and shows what the big screen tells.

import { joinRoom } from "/client.js";
import { Arena, HEIGHT, WIDTH } from "./arena.js";
import { COLORS, drawCells } from "./draw.js";
import { CHEERS, FACES } from "./game.js";
import { element, IS_LOCAL, linkText, outage, show, stayAwake, tell, tellOutages } from "./notice.js";

// A thumb moves more often than a game needs to know.
const AIM_EVERY = 50;
const KEYS = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
  KeyA: [-1, 0], KeyD: [1, 0], KeyW: [0, -1], KeyS: [0, 1],
};
// Another try of the same would end in the same.
const HOPELESS = ["room_not_found", "room_required", "ticket_invalid", "not_allowed"];
// Several pads on one computer are tabs, so each tab is a player of its own; a phone is one in all its tabs.
const perTab = {
  getItem: (key) => sessionStorage.getItem(key),
  setItem: (key, value) => sessionStorage.setItem(key, value),
};

export async function openPad(code, ticket) {
  try {
    const room = await joinRoom({ code, ticket, whileAway: "drop", ...(IS_LOCAL && { storage: perTab }) });
    // The ticket is used up: what is shared or reloaded from now on is the room alone.
    history.replaceState(null, "", `?room=${room.code}`);
    new Pad(room, ticket !== undefined).open();
  } catch (error) {
    const retry = ["Try again", () => openPad(code, ticket)];
    const other = ["Enter another code", () => openDoor()];
    tell(error, HOPELESS.includes(error.code) ? [other, retry] : [retry, other]);
  }
}

/** Asks for a code, or whether this is the big screen. */
export function openDoor() {
  history.replaceState(null, "", location.pathname);
  show("door");
  element("door-code").focus();
}

/** The player's name and face in the game before. A browser may keep nothing, or refuse to be asked. */
function rememberedIdentity() {
  try {
    return JSON.parse(localStorage.getItem("comets.player"));
  } catch {
    return null;
  }
}

function rememberIdentity(identity) {
  try {
    localStorage.setItem("comets.player", JSON.stringify(identity));
  } catch {}
}

class Pad {
  constructor(room, isMoved) {
    this.room = room;
    this.isMoved = isMoved;
    this.aim = [0, 0];
    this.sentAim = "0,0";
    this.keys = new Set();
    this.map = new Arena();
    this.identity = rememberedIdentity();
  }

  open() {
    const { room } = this;
    if (room.state) this.update(room.state);
    room.on("state", (state) => this.update(state));
    room.on("message", ({ from, data }) => this.hear(from, data ?? {}));
    room.on("away", ({ index }) => index === 0 && outage("The big screen has lost its connection. Wait for it …"));
    room.on("back", ({ index }) => index === 0 && this.meetScreen("The big screen is back"));
    room.on("replaced", ({ index }) => index === 0 && this.meetScreen("The big screen is back"));
    room.on("reconnected", () => this.introduce());
    room.on("rtt", () => this.label());
    room.on("closed", (error) => this.end(error));
    tellOutages(room, "This phone");
    if (!this.isMoved) this.introduce();
    this.listen();
    this.label();
    this.aiming = setInterval(() => this.sendAim(), AIM_EVERY);
    show("pad");
    stayAwake();
  }

  meetScreen(text) {
    outage(text, true);
    this.introduce();
  }

  introduce() {
    if (this.identity) this.tellScreen({ hello: this.identity });
    this.sentAim = "";
  }

  /** Nothing while the screen is away: it hears who is there when it is back. */
  tellScreen(data) {
    if (this.room.peers.includes(0)) this.room.send(data, 0);
  }

  end(error) {
    clearInterval(this.aiming);
    this.listening.abort();
    element("naming").close();
    const again = ["Join again", () => openPad(this.room.code)];
    const here = ["Play on here", () => openPad(this.room.code)];
    const other = ["Enter another code", () => openDoor()];
    tell(error, error.code === "replaced" ? [here, other] : error.final && error.code !== "left" ? [other] : [again, other]);
  }

  // --- What the player does ---

  listen() {
    this.listening = new AbortController();
    const on = (target, name, act) => target.addEventListener(name, act, { signal: this.listening.signal });
    const stick = element("stick");
    on(stick, "pointerdown", (event) => {
      stick.setPointerCapture(event.pointerId);
      this.point(event);
    });
    on(stick, "pointermove", (event) => stick.hasPointerCapture(event.pointerId) && this.point(event));
    for (const name of ["pointerup", "pointercancel"]) on(stick, name, () => this.steer(0, 0));
    on(document, "keydown", (event) => this.press(event, true));
    on(document, "keyup", (event) => this.press(event, false));
    on(window, "blur", () => {
      this.keys.clear();
      this.steer(0, 0);
    });
    on(element("go"), "click", () => this.tellScreen({ start: true }));
    for (const button of document.querySelectorAll(".cheer")) {
      on(button, "click", () => this.room.send({ cheer: button.textContent }));
    }
    on(element("me"), "click", () => this.askName());
    on(element("naming"), "close", () => this.takeName());
  }

  point(event) {
    const box = element("stick").getBoundingClientRect();
    const reach = Math.min(box.width, box.height) / 2 - 40;
    this.steer((event.clientX - box.x - box.width / 2) / reach, (event.clientY - box.y - box.height / 2) / reach);
  }

  press(event, isDown) {
    if (!KEYS[event.code] || element("naming").open || event.repeat) return;
    event.preventDefault();
    if (isDown) this.keys.add(event.code);
    else this.keys.delete(event.code);
    const pressed = [...this.keys].map((code) => KEYS[code]);
    this.steer(pressed.reduce((sum, [x]) => sum + x, 0), pressed.reduce((sum, [, y]) => sum + y, 0));
  }

  steer(x, y) {
    const length = Math.max(1, Math.hypot(x, y));
    this.aim = [x / length, y / length];
    const box = element("stick").getBoundingClientRect();
    const reach = Math.min(box.width, box.height) / 2 - 40;
    element("knob").style.transform = `translate(${this.aim[0] * reach}px, ${this.aim[1] * reach}px)`;
    if (x || y) element("hint").hidden = true;
  }

  /** Sends where the thumb points, if that has changed. */
  sendAim() {
    const aim = this.aim.map((part) => Math.round(part * 100) / 100);
    if (String(aim) === this.sentAim) return;
    this.sentAim = String(aim);
    this.tellScreen({ aim });
  }

  askName() {
    const { name = "", face } = this.identity ?? this.mine ?? {};
    element("name").value = name;
    element("faces").replaceChildren(...FACES.map((each) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: each });
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", each === face);
      button.onclick = () => {
        for (const other of element("faces").children) other.setAttribute("aria-checked", other === button);
      };
      return button;
    }));
    element("naming").showModal();
  }

  takeName() {
    const face = document.querySelector("#faces [aria-checked=true]")?.textContent;
    this.identity = { name: element("name").value, face };
    rememberIdentity(this.identity);
    this.introduce();
  }

  // --- What the big screen tells ---

  update(state) {
    this.state = state;
    const { players, phase, map } = state;
    const place = players.findIndex(({ slot }) => slot === this.room.index);
    this.mine = players[place];
    if (!this.mine) return;
    // Who got this seat by a ticket has its name, too.
    if (this.isMoved) this.identity = { name: this.mine.name, face: this.mine.face };
    const color = COLORS[this.mine.colour];
    element("pad").style.setProperty("--seat", color);
    element("me").textContent = `${this.mine.face} ${this.mine.name} ✎`;
    element("knob").textContent = this.mine.face;
    element("place").textContent = this.standing(place);
    element("go").disabled = phase === "round";
    element("go").textContent = phase === "round" ? `${state.left} s` : "Start";
    this.map.unpack(map ?? "");
    drawCells(element("map").getContext("2d"), this.map.owners);
  }

  standing(place) {
    const { phase, players, winner } = this.state;
    if (phase === "over" && winner === this.room.index) return "🏆 You win!";
    if (phase === "lobby") return "Warm up";
    return `Place ${place + 1} of ${players.length} · ${this.mine.score.toFixed(1)} %`;
  }

  hear(from, { go, star, hit, bump, over, cheer }) {
    if (from !== 0) {
      const sender = this.state?.players.find(({ slot }) => slot === from);
      if (sender && CHEERS.includes(cheer)) this.feel(sender.colour, 0, `${sender.face} ${cheer}`);
      return;
    }
    if (go) this.feel(this.mine?.colour, [60, 40, 60], "Paint!");
    if (star) this.feel(this.mine?.colour, 40, "⭐ Splash!");
    if (bump !== undefined) this.feel(this.mine?.colour, 30, "💥 Got one!");
    if (hit !== undefined) this.feel(this.colourOf(hit), [120, 50, 120], "💫 You were hit!");
    if (over !== undefined) this.feel(this.colourOf(over), over === this.room.index ? [80, 60, 80, 60, 300] : 80, "Time is up");
  }

  colourOf(slot) {
    return this.state?.players.find((player) => player.slot === slot)?.colour;
  }

  /** For the hand and the eye: a vibration, a word, and a colour for a moment. */
  feel(colour, vibration, text) {
    if (vibration && navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(vibration);
    element("hint").hidden = false;
    element("hint").textContent = text;
    element("pad").classList.remove("flash");
    element("pad").style.setProperty("--flash", COLORS[colour] ?? "var(--line)");
    // Reading a size has the browser notice that the class was gone, so that the flash starts anew.
    void element("pad").offsetWidth;
    element("pad").classList.add("flash");
    clearTimeout(this.feeling);
    this.feeling = setTimeout(() => (element("hint").hidden = true), 1200);
  }

  label() {
    element("pad-link").textContent = linkText(this.room);
  }
}
