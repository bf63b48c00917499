/**
 * What the client does about each error code with which a relay refuses to let it in, and about each close code.
 *
 * It tries again, no sooner than after `wait` milliseconds, unless there is one of these:
 * - `final`: it makes no sense; `twice`: a client that has been there before believes only the second such answer.
 * - `first`: `createRoom` and `joinRoom` pass it on, and only a return tries again.
 * - `end`: the room is closed for this client, under that code.
 * - `moved`: the machine of before is not the one to ask.
 *
 * An error that is not listed counts as final for `createRoom` and `joinRoom`, and is tried again by a return; a close
 * code that is not listed is tried again.
 */
export const verdicts = {
  errors: {
    room_not_found: { final: true, twice: true, wait: 2_200 }, // relays remember a no for 2 s
    not_allowed: { final: true },
    room_full: { first: true, wait: 5_000 },
    server_full: { wait: 5_000 },
    server_draining: { wait: 1_000 },
    too_many_attempts: { wait: 1_000 },
  },
  closes: {
    1002: { wait: 1_000 }, // protocol error
    1008: { wait: 1_000 }, // policy violation
    1011: { wait: 1_000 }, // internal error
    1012: { moved: true }, // service restart, or handed over
    1013: { wait: 1_000 }, // try again later
    1014: { wait: 1_000 }, // bad gateway
    4000: { end: "replaced" }, // not tried again, since two tabs would fight for the slot
    4001: { end: "room_closed", final: true },
    4003: { end: "kicked", final: true },
    4008: { wait: 1_000 }, // too slow
  },
};
