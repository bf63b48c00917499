import assert from "node:assert/strict";
import { test } from "node:test";
import { PartyError } from "../../Sources/party-sockets-js/source/PartyError.js";
import { Plan } from "../../Sources/party-sockets-js/source/Plan.js";

const plan = (options) => new Plan({ deadline: 10_000, budget: 60_000, ...options }, () => 1);

/** A plan whose client has been in its room for long. */
const seated = (options) => {
  const it = plan(options);
  it.entered(100);
  return it;
};

/** One whose client is on its way back. */
const away = () => {
  const it = seated();
  it.lost(1006, 20_000, false);
  return it;
};

const refusal = (code, retryAfter) => new PartyError(code, { retryAfter });

for (const [code, first, known, back] of [
  ["room_not_found", "end", 2_200, 2_200],
  ["room_full", "end", "end", 5_000],
  ["room_locked", "end", "end", "end"],
  ["not_allowed", "end", "end", "end"],
  ["ticket_invalid", "end", "end", 250],
  ["server_full", 5_000, 5_000, 5_000],
  ["server_draining", 1_000, 1_000, 1_000],
  ["too_many_attempts", 1_000, 1_000, 1_000],
  ["url_not_https", "end", "end", 250],
  ["something_new", "end", "end", 250],
]) {
  test(`${code} when entering, entering a known room, and coming back: ${first}, ${known}, ${back}`, () => {
    const outcome = (it, now) => {
      const { end, wait } = it.refused(refusal(code), now, false);
      return end ? "end" : wait;
    };
    assert.equal(outcome(plan(), 0), first);
    assert.equal(outcome(plan({ known: true }), 0), known);
    assert.equal(outcome(away(), 20_010), back);
  });
}

for (const [code, end, final, wait, pinned] of [
  [1000, undefined, undefined, 0, true],
  [1001, undefined, undefined, 0, true],
  [1002, undefined, undefined, 0, true],
  [1005, undefined, undefined, 0, true],
  [1006, undefined, undefined, 0, true],
  [1007, undefined, undefined, 1_000, true],
  [1009, undefined, undefined, 1_000, true],
  [1011, undefined, undefined, 1_000, true],
  [1012, undefined, undefined, 0, false],
  [1013, undefined, undefined, 1_000, true],
  [4000, "replaced", false],
  [4001, "room_closed", true],
  [4002, undefined, undefined, 1_000, true],
  [4003, "kicked", true],
  [4008, undefined, undefined, 1_000, true],
  [4999, undefined, undefined, 1_000, true],
]) {
  test(`close code ${code}: ${end ?? `again after ${wait} ms${pinned ? " at the machine of before" : ""}`}`, () => {
    const step = seated().lost(code, 20_000, false);
    assert.equal(step.end?.code, end);
    assert.equal(step.end?.final, final);
    if (!end) assert.deepEqual(step, { wait, pinned });
    else assert.equal(step.end.closeCode, code);
  });
}

test("the first try of a return is at once, later ones wait for longer and longer, up to four seconds", () => {
  const it = seated();
  const waits = Array.from({ length: 8 }, () => it.lost(1006, 20_000, false).wait);
  assert.deepEqual(waits, [0, 250, 500, 1_000, 2_000, 4_000, 4_000, 4_000]);
});

test("chance takes up to half of a wait", () => {
  const waits = [0, 0.5, 1].map((chance) => {
    const it = new Plan({ deadline: 10_000 }, () => chance);
    return it.lost(1006, 0, false).wait;
  });
  assert.deepEqual(waits, [125, 187.5, 250]);
});

test("only the first try of a return asks the machine of before", () => {
  const it = seated();
  assert.deepEqual([1006, 1006, 1006].map((code) => it.lost(code, 20_000, false).pinned), [true, false, false]);
});

test("a return believes the second answer that the room is unknown", () => {
  const it = away();
  assert.equal(it.refused(refusal("room_not_found"), 20_100, false).end, undefined);
  assert.equal(it.refused(refusal("room_not_found"), 23_000, false).end.code, "room_not_found");
});

test("the machine of before is not believed that the room is unknown, and the others are asked soon", () => {
  const it = away();
  it.opened("m1");
  assert.equal(it.refused(refusal("room_not_found"), 20_010, false).wait, 250);
  it.opened();
  assert.equal(it.refused(refusal("room_not_found"), 20_300, false).wait, 2_200);
  it.opened();
  assert.equal(it.refused(refusal("room_not_found"), 22_500, false).end.code, "room_not_found");
});

test("what else the machine of before refuses counts", () => {
  const it = away();
  it.opened("m1");
  assert.equal(it.refused(refusal("not_allowed"), 20_010, false).end.code, "not_allowed");
});

test("an answer of an earlier return does not count", () => {
  const it = away();
  it.refused(refusal("room_not_found"), 20_100, false);
  it.entered(23_000);
  it.lost(1006, 40_000, false);
  assert.equal(it.refused(refusal("room_not_found"), 40_100, false).end, undefined);
});

test("retryAfter is honoured where it is longer, and chance adds up to a quarter, so that not all ask together", () => {
  const waits = [0, 0.5, 1].map((chance) => {
    const it = new Plan({ deadline: 10_000 }, () => chance);
    return it.refused(refusal("server_full", 6), 0, false).wait;
  });
  assert.deepEqual(waits, [6_000, 6_750, 7_500]);
  assert.equal(away().refused(refusal("too_many_attempts", 7), 20_100, false).wait, 8_750);
  assert.equal(away().refused(refusal("too_many_attempts", "x"), 20_100, false).wait, 1_000);
});

test("an entrance ends at its deadline with what was last in its way", () => {
  const it = plan();
  assert.equal(it.lost(1006, 9_900, false).end.code, "unreachable");
  it.opened();
  assert.equal(it.lost(1006, 9_900, false).end.code, "timeout");
  const full = it.refused(refusal("server_full", 5), 9_900, true).end;
  assert.equal(full.code, "server_full");
  assert.equal(full.retryAfter, 5);
});

test("a return gives up when its budget is spent", () => {
  const it = seated();
  assert.equal(it.lost(1006, 20_000, false).end, undefined);
  assert.equal(it.lost(1006, 75_000, false).end, undefined);
  const { end } = it.lost(1006, 80_000, false);
  assert.equal(end.code, "gave_up");
  assert.equal(end.final, false);
});

test("a return that nobody watches waits, and has its whole budget once it is woken", () => {
  const it = seated();
  it.lost(1006, 20_000, true);
  assert.deepEqual(it.lost(1006, 80_000, true), { wait: Infinity, pinned: false });
  it.woken(500_000);
  assert.equal(it.lost(1006, 559_000, false).end, undefined);
});

test("a connection that does not last renews neither the waits nor the budget", () => {
  const it = seated();
  let now = 20_000;
  const waits = [];
  for (;;) {
    const { wait, end } = it.lost(1009, now, false);
    if (end) {
      assert.equal(end.code, "gave_up");
      break;
    }
    waits.push(wait);
    it.entered((now += wait));
    now += 100;
  }
  assert.deepEqual(waits.slice(0, 7), [1_000, 1_000, 1_000, 1_000, 2_000, 4_000, 4_000]);
  assert.ok(now > 70_000 && now < 80_100, String(now));
});

test("a connection that lasts is a new start", () => {
  const it = seated();
  for (let turn = 0; turn < 5; turn += 1) it.lost(1006, 20_000, false);
  it.entered(30_000);
  assert.equal(it.lost(1006, 35_000, false).wait, 0);
});
