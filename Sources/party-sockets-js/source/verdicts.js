/**
 * What the client does about each error code with which a relay refuses to let it in, and about each close code.
 *
 * It tries again, no sooner than after `wait` milliseconds, unless there is one of these:
 * - `final`: it makes no sense; `twice`: a client that has been there before believes only the second such answer.
 * - `first`: `createRoom` and `joinRoom` pass it on, and only a return tries again.
 * - `end`: the room is closed for this client, under that code.
 * - `moved`: the machine of before is not the one to ask.
 *
 * An error that is not listed counts as final for `createRoom` and `joinRoom`, and is tried again by a return. A close
 * code that is not listed is tried again: one up to 1006 (gone, lost) at once, and others (an error at the other side, or
 * in between) after a second.
 */
export const verdicts = {
  errors: {
    room_not_found: { final: true, twice: true, wait: 2_200 }, // relays remember a no for 2 s
    not_allowed: { final: true },
    room_locked: { final: true }, // nobody hears this who has a slot
    room_full: { first: true, wait: 5_000 },
    server_full: { wait: 5_000 },
    server_draining: { wait: 1_000 },
    too_many_attempts: { wait: 1_000 },
  },
  closes: {
    1012: { moved: true }, // service restart, or handed over
    4000: { end: "replaced", final: false }, // not tried again, since two tabs would fight for the slot
    4001: { end: "room_closed", final: true },
    4003: { end: "kicked", final: true },
  },
};
