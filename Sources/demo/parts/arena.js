// The game's rules, without a screen or a network: comets paint the cells that they fly over, and whoever owns most of
// them at the end wins. Lengths are in cells, times in seconds.

export const WIDTH = 64;
export const HEIGHT = 36;
/** How many comets can have a colour of their own. */
export const COLOURS = 8;

const SPEED = 17;
const AGILITY = 5;
const RADIUS = 1.3;
const BRUSH = 1.5;
const STAR_SPLASH = 5;
const BUMP_SPLASH = 3;
const STAR_EVERY = 4;
const MOST_STARS = 3;
const STUNNED = 0.7;
// One for nobody's cells, then one for each colour.
const LETTERS = ".abcdefgh";

/** A field of cells and the comets on it. Player slots are positive; bots have negative ones. */
export class Arena {
  constructor(random = Math.random) {
    this.random = random;
    this.owners = new Uint8Array(WIDTH * HEIGHT);
    this.comets = new Map();
    this.stars = [];
    this.untilStar = STAR_EVERY;
  }

  add(slot, colour) {
    const [x, y] = [this.between(4, WIDTH - 4), this.between(4, HEIGHT - 4)];
    this.comets.set(slot, { slot, colour, x, y, vx: 0, vy: 0, aimX: 0, aimY: 0, stunned: 0 });
  }

  remove(slot) {
    this.comets.delete(slot);
  }

  /** Where a player's thumb points: both from -1 to 1, and 0 for a thumb that is lifted. */
  steer(slot, x, y) {
    const comet = this.comets.get(slot);
    if (!comet) return;
    const length = Math.max(1, Math.hypot(x, y));
    [comet.aimX, comet.aimY] = [x / length, y / length];
  }

  clear() {
    this.owners.fill(0);
    this.stars = [];
  }

  /** Lets time pass; returns what happened: `{ star: slot }`, or `{ bump: slot, hit: slot }` for each collision. */
  step(seconds) {
    const events = [];
    for (const comet of this.comets.values()) {
      if (comet.slot < 0) this.steerBot(comet);
      this.fly(comet, seconds);
      this.paint(comet.x, comet.y, BRUSH, comet.colour);
      this.collect(comet, events);
    }
    this.collide(events);
    this.untilStar -= seconds;
    if (this.untilStar <= 0 && this.stars.length < MOST_STARS) {
      this.stars.push({ x: this.between(3, WIDTH - 3), y: this.between(3, HEIGHT - 3) });
      this.untilStar = STAR_EVERY;
    }
    return events;
  }

  fly(comet, seconds) {
    comet.stunned = Math.max(0, comet.stunned - seconds);
    const grip = comet.stunned > 0 ? 0 : Math.min(1, AGILITY * seconds);
    comet.vx += (comet.aimX * SPEED - comet.vx) * grip;
    comet.vy += (comet.aimY * SPEED - comet.vy) * grip;
    comet.x += comet.vx * seconds;
    comet.y += comet.vy * seconds;
    if (comet.x < RADIUS || comet.x > WIDTH - RADIUS) comet.vx = -comet.vx / 2;
    if (comet.y < RADIUS || comet.y > HEIGHT - RADIUS) comet.vy = -comet.vy / 2;
    comet.x = Math.min(WIDTH - RADIUS, Math.max(RADIUS, comet.x));
    comet.y = Math.min(HEIGHT - RADIUS, Math.max(RADIUS, comet.y));
  }

  collect(comet, events) {
    const taken = this.stars.filter((star) => Math.hypot(star.x - comet.x, star.y - comet.y) < RADIUS + 1.2);
    for (const star of taken) {
      this.paint(star.x, star.y, STAR_SPLASH, comet.colour);
      events.push({ star: comet.slot });
    }
    if (taken.length > 0) this.stars = this.stars.filter((star) => !taken.includes(star));
  }

  /** Of two comets that meet, the one that flew harder at the other wins: it paints, and the other tumbles. */
  collide(events) {
    const comets = [...this.comets.values()];
    for (const [index, one] of comets.entries()) {
      for (const other of comets.slice(index + 1)) {
        const distance = Math.hypot(other.x - one.x, other.y - one.y);
        if (distance >= 2 * RADIUS) continue;
        const [nx, ny] = distance > 0 ? [(other.x - one.x) / distance, (other.y - one.y) / distance] : [1, 0];
        const [towards, against] = [one.vx * nx + one.vy * ny, -(other.vx * nx + other.vy * ny)];
        const isNew = one.stunned === 0 && other.stunned === 0 && towards + against > 2;
        push(one, -nx, -ny, 2 * RADIUS - distance);
        push(other, nx, ny, 2 * RADIUS - distance);
        if (!isNew) continue;
        const [winner, loser, direction] = towards >= against ? [one, other, 1] : [other, one, -1];
        loser.stunned = STUNNED;
        [loser.vx, loser.vy] = [direction * nx * SPEED, direction * ny * SPEED];
        [winner.vx, winner.vy] = [winner.vx / 3, winner.vy / 3];
        this.paint(loser.x, loser.y, BUMP_SPLASH, winner.colour);
        events.push({ bump: winner.slot, hit: loser.slot });
      }
    }
  }

  /** A bot flies to the nearest star, and otherwise from one random place to the next. */
  steerBot(bot) {
    const far = (place) => Math.hypot(place.x - bot.x, place.y - bot.y);
    if (!bot.target || far(bot.target) < 3) {
      bot.target = { x: this.between(3, WIDTH - 3), y: this.between(3, HEIGHT - 3) };
    }
    const goal = [...this.stars].sort((a, b) => far(a) - far(b))[0] ?? bot.target;
    const pace = 0.6 / Math.max(0.1, far(goal));
    this.steer(bot.slot, (goal.x - bot.x) * pace, (goal.y - bot.y) * pace);
  }

  paint(x, y, radius, colour) {
    for (let row = Math.max(0, Math.floor(y - radius)); row <= Math.min(HEIGHT - 1, y + radius); row++) {
      for (let column = Math.max(0, Math.floor(x - radius)); column <= Math.min(WIDTH - 1, x + radius); column++) {
        if (Math.hypot(column + 0.5 - x, row + 0.5 - y) <= radius) this.owners[row * WIDTH + column] = colour + 1;
      }
    }
  }

  /** How many cells each colour owns. */
  scores() {
    const counts = new Array(COLOURS).fill(0);
    for (const owner of this.owners) if (owner > 0) counts[owner - 1]++;
    return counts;
  }

  /** The cells as a short text: a letter for each run of equal cells, and its length if it is more than 1. */
  pack() {
    let text = "";
    for (let at = 0, end; at < this.owners.length; at = end) {
      for (end = at + 1; this.owners[end] === this.owners[at]; ) end++;
      text += LETTERS[this.owners[at]] + (end - at > 1 ? end - at : "");
    }
    return text;
  }

  unpack(text) {
    this.owners.fill(0);
    let at = 0;
    for (const [, letter, length] of text.matchAll(/([.a-h])(\d*)/g)) {
      const end = at + Number(length || 1);
      this.owners.fill(LETTERS.indexOf(letter), at, end);
      at = end;
    }
  }

  between(least, most) {
    return least + this.random() * (most - least);
  }
}

/** Moves a comet out of another, each by half of the overlap. */
function push(comet, x, y, overlap) {
  comet.x += (x * overlap) / 2;
  comet.y += (y * overlap) / 2;
}
