// What the big screen knows: who plays, which phase it is, and the arena. Everybody else has it by the room's state.

import { Arena, COLOURS, HEIGHT, WIDTH } from "./arena.js";

export const ROUND_SECONDS = 60;
export const REST_SECONDS = 10;
export const FACES = ["🦊", "🐸", "🐙", "🦄", "🐼", "🐝", "🦁", "🐧", "🐨", "🦖", "👻", "🤠"];
export const CHEERS = ["👏", "😂", "💥"];
const LONGEST_NAME = 12;
// Of a name only so much is looked at: a phone may send megabytes.
const MOST_READ = 64;
// What has no shape could turn the line around. But U+200D joins some faces of several signs.
const SHAPELESS = /(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}]/gu;
// A name needs one sign that is seen: letters and symbols can be blank, too, as U+3164 and U+2800 are.
const SEEN = /(?!\p{Default_Ignorable_Code_Point}|\u2800)[\p{L}\p{N}\p{P}\p{S}]/u;
// Alone it is no fun: bots fly along until so many comets are there.
const FEWEST_COMETS = 2;

/** The phases are `lobby` (everybody flies about and paints), `round`, and `over`, which shows the winner. */
export class Game {
  constructor(random = Math.random) {
    this.random = random;
    this.arena = new Arena(random);
    this.players = new Map();
    this.phase = "lobby";
    this.left = 0;
    this.winner = null;
    this.locked = false;
    this.balanceBots();
  }

  // --- Who plays ---

  /** A phone has come, or is back. */
  enter(slot) {
    const known = this.players.get(slot);
    if (known) {
      known.away = false;
    } else {
      const face = FACES[(slot - 1) % FACES.length];
      this.seat({ slot, name: `Player ${slot}`, face, colour: this.freeColour(slot), away: false });
    }
    this.balanceBots();
  }

  seat(player) {
    this.players.set(player.slot, player);
    this.arena.add(player.slot, player.colour);
  }

  /** The slot's own colour if nobody has it. Who is away the longest gives way to a newcomer. */
  freeColour(slot) {
    const taken = new Set([...this.players.values()].map((player) => player.colour));
    if (taken.size === COLOURS) {
      const gone = [...this.players.values()].find((player) => player.away);
      if (!gone) return (slot - 1) % COLOURS;
      this.leave(gone.slot);
      return gone.colour;
    }
    let colour = (slot - 1) % COLOURS;
    while (taken.has(colour)) colour = (colour + 1) % COLOURS;
    return colour;
  }

  /** What a phone says about its player. It comes from outside, so anything may be in it. */
  introduce(slot, { name, face }) {
    const player = this.players.get(slot);
    if (!player) return;
    const plain = typeof name === "string" ? plainName(name) : "";
    if (SEEN.test(plain)) player.name = plain;
    if (FACES.includes(face)) player.face = face;
  }

  lose(slot) {
    const player = this.players.get(slot);
    if (!player) return;
    player.away = true;
    this.arena.steer(slot, 0, 0);
  }

  leave(slot) {
    this.players.delete(slot);
    this.arena.remove(slot);
    this.balanceBots();
  }

  steer(slot, aim) {
    if (Array.isArray(aim) && aim.length === 2 && aim.every(Number.isFinite)) this.arena.steer(slot, ...aim);
  }

  balanceBots() {
    const missing = FEWEST_COMETS - this.players.size;
    for (let bot = 1; bot <= FEWEST_COMETS; bot++) {
      if (bot > missing) {
        this.arena.remove(-bot);
        continue;
      }
      if (!this.arena.comets.has(-bot)) this.arena.add(-bot, 0);
      this.arena.comets.get(-bot).colour = this.freeColour(COLOURS - bot + 1);
    }
  }

  // --- Rounds ---

  get canStart() {
    return this.phase !== "round" && [...this.players.values()].some((player) => !player.away);
  }

  start() {
    if (!this.canStart) return false;
    this.arena.clear();
    this.phase = "round";
    this.left = ROUND_SECONDS;
    this.winner = null;
    return true;
  }

  /** Lets time pass; returns the arena's events, and `{ over: slot }` (0: a bot has won) when a round ends. */
  pass(seconds) {
    if (this.phase === "over") {
      this.left -= seconds;
      if (this.left <= 0) this.phase = "lobby";
      return [];
    }
    const events = this.arena.step(seconds);
    if (this.phase !== "round") return events;
    this.left -= seconds;
    if (this.left > 0) return events;
    const [best] = this.ranking();
    this.winner = Math.max(0, best.slot);
    this.phase = "over";
    this.left = REST_SECONDS;
    return [...events, { over: this.winner }];
  }

  /** Players and bots with their shares of the arena in percent, the best first. */
  ranking() {
    const scores = this.arena.scores();
    const bots = [...this.arena.comets.values()]
      .filter((comet) => comet.slot < 0)
      .map(({ slot, colour }) => ({ slot, colour, name: "Bot", face: "🤖", away: false }));
    return [...this.players.values(), ...bots]
      .map((player) => ({ ...player, score: Math.round((scores[player.colour] * 1000) / (WIDTH * HEIGHT)) / 10 }))
      .sort((one, other) => other.score - one.score || one.slot - other.slot);
  }

  // --- The room's state ---

  /** All that a phone that comes late has to know, and a big screen that is opened anew. In a lobby nothing hangs on
   * the cells, so that nothing is sent while nobody plays. */
  snapshot() {
    const { phase, winner, locked } = this;
    const players = phase === "lobby" ? [...this.players.values()] : this.ranking();
    const shared = { phase, winner, locked, players };
    return phase === "lobby" ? shared : { ...shared, left: Math.ceil(this.left), map: this.arena.pack() };
  }

  restore({ phase, winner, locked, players, left = 0, map = "" }) {
    Object.assign(this, { phase, winner, locked, left });
    for (const slot of [...this.arena.comets.keys()]) this.arena.remove(slot);
    this.players.clear();
    for (const { slot, name, face, colour } of players) {
      if (slot > 0) this.seat({ slot, name, face, colour, away: true });
    }
    this.arena.unpack(map);
    this.balanceBots();
  }
}

function plainName(name) {
  const shown = name.slice(0, MOST_READ).replace(SHAPELESS, "").trim();
  return [...shown].slice(0, LONGEST_NAME).join("").trim();
}
