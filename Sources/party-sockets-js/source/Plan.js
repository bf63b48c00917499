import { PartyError } from "./PartyError.js";
import { verdicts } from "./verdicts.js";

/** A connection that ends sooner is no new start: what ends it at once may do so again. */
const STABLE = 5_000;
const LONGEST_BACKOFF = 4_000;

/**
 * When to try again, and when to give up. Pure: time and chance are handed in.
 *
 * Each of `refused` and `lost` answers `{ wait, pinned }`, a try after so many milliseconds (Infinity: once there is a
 * reason) and whether at the machine of before, or `{ end }` with a PartyError.
 */
export class Plan {
  /** `deadline` is that of the first entry, and `known` tells whether the client had a slot in the room before. */
  constructor({ deadline, budget = 180_000, known }, random = Math.random) {
    Object.assign(this, { deadline, budget, known, random, first: true, tries: 1, noes: 0 });
    this.why = new PartyError("unreachable");
  }

  /** A socket is open; `isPinned` if at the machine of before. */
  opened(isPinned) {
    this.isPinned = isPinned;
    this.why = new PartyError("timeout");
  }

  /** The relay has given the client its slot. */
  entered(now) {
    if (this.first) this.deadline = -1;
    Object.assign(this, { first: false, seated: true, since: now, noes: 0 });
  }

  /** The relay refuses to let the client in. */
  refused(error, now, isUnwatched) {
    const { first, final, twice, wait = 0 } = verdicts.errors[error.code] ?? { first: true };
    if (twice && this.isPinned) return this.#again(0, now, isUnwatched); // the room may have moved away from there
    const isBelieved = !twice || (this.first && !this.known) || ++this.noes > 1;
    if (first ? this.first : final && isBelieved) return { end: error };
    this.why = error;
    return this.#again(Math.max(wait, error.retryAfter * (1_000 + 250 * this.random()) || 0), now, isUnwatched);
  }

  /** The connection has ended, or could not be made. */
  lost(closeCode, now, isUnwatched) {
    const { end, final, wait = 0, moved } = verdicts.closes[closeCode] ?? { wait: closeCode > 1006 && 1_000 };
    if (end) return { end: new PartyError(end, { final, closeCode }) };
    const { seated } = this;
    if (seated && (this.deadline < 0 || now - this.since >= STABLE)) {
      this.woken(now);
      this.tries = 0;
    }
    this.seated = false;
    return this.#again(wait, now, isUnwatched, seated && !moved);
  }

  /** There is a reason to try anew, at once. */
  woken(now) {
    if (this.first) return;
    this.tries = 1;
    this.deadline = now + this.budget;
  }

  #again(wait, now, isUnwatched, pinned = false) {
    const backoff = Math.min(LONGEST_BACKOFF, 125 * 2 ** this.tries) * (0.5 + this.random() / 2);
    wait = Math.max(wait, this.tries++ ? backoff : 0);
    if (now + wait < this.deadline) return { wait, pinned };
    if (this.first) return { end: this.why };
    return isUnwatched ? { wait: Infinity, pinned: false } : { end: new PartyError("gave_up") };
  }
}
