// The rules of the demo's game, without a browser.

import assert from "node:assert/strict";
import test from "node:test";
import { Arena, COLOURS, HEIGHT, WIDTH } from "../../Sources/demo/parts/arena.js";
import { Game, REST_SECONDS, ROUND_SECONDS } from "../../Sources/demo/parts/game.js";

/** The same numbers in each run. */
function chance(seed = 1) {
  return () => (seed = (seed * 48271) % 2147483647) / 2147483647;
}

/** An arena with comets at these places: `[slot, x, y]`, each in the colour of its slot. */
function arenaWith(...places) {
  const arena = new Arena(chance());
  for (const [slot, x, y] of places) {
    arena.add(slot, slot - 1);
    Object.assign(arena.comets.get(slot), { x, y });
  }
  arena.untilStar = Infinity;
  return arena;
}

function run(thing, seconds, each = 1 / 60) {
  const events = [];
  for (let past = 0; past < seconds; past += each) events.push(...(thing.step?.(each) ?? thing.pass(each)));
  return events;
}

test("a comet flies where its thumb points, and paints", () => {
  const arena = arenaWith([1, 10, 10]);
  arena.steer(1, 1, 0);
  run(arena, 1);
  const comet = arena.comets.get(1);
  assert.ok(comet.x > 18, `${comet.x}`);
  assert.equal(comet.y, 10);
  assert.ok(arena.scores()[0] > 20);
  assert.equal(arena.scores()[1], 0);
});

test("no thumb is so strong that a comet is faster or leaves the arena", () => {
  const arena = arenaWith([1, 10, 10]);
  arena.steer(1, 1000, 1000);
  run(arena, 20);
  const { x, y, vx, vy } = arena.comets.get(1);
  assert.ok(x > 0 && x < WIDTH && y > 0 && y < HEIGHT);
  assert.ok(Math.hypot(vx, vy) < 30);
});

test("who flies harder wins a collision, and the other tumbles once", () => {
  const arena = arenaWith([1, 10, 18], [2, 20, 18]);
  arena.steer(1, 1, 0);
  const events = run(arena, 1);
  assert.deepEqual(events, [{ bump: 1, hit: 2 }]);
  assert.ok(arena.comets.get(2).x > 22);
});

test("comets at the very same place part", () => {
  const arena = arenaWith([1, 10, 10], [2, 10, 10]);
  run(arena, 0.1);
  const [one, other] = [arena.comets.get(1), arena.comets.get(2)];
  assert.ok(Math.hypot(one.x - other.x, one.y - other.y) > 2);
});

test("a star splashes once", () => {
  const arena = arenaWith([1, 10, 10]);
  run(arena, 0.1);
  const before = arena.scores()[0];
  arena.stars = [{ x: 11, y: 10 }];
  assert.deepEqual(run(arena, 0.1), [{ star: 1 }]);
  assert.ok(arena.scores()[0] > before + 40);
  assert.deepEqual(arena.stars, []);
});

test("a packed arena is the same when it is unpacked, and never too long for a room's state", () => {
  const arena = new Arena(chance());
  for (const owner of [() => 0, () => 3, (at) => at % (COLOURS + 1), (at) => Math.floor(at / 50) % (COLOURS + 1)]) {
    arena.owners.forEach((_, at) => (arena.owners[at] = owner(at)));
    const packed = arena.pack();
    assert.ok(packed.length <= WIDTH * HEIGHT);
    const copy = new Arena();
    copy.unpack(packed);
    assert.deepEqual(copy.owners, arena.owners);
  }
});

// --- The game ---

function gameOf(...slots) {
  const game = new Game(chance());
  for (const slot of slots) game.enter(slot);
  return game;
}

const bots = (game) => [...game.arena.comets.keys()].filter((slot) => slot < 0).length;

test("bots make up for players who are missing", () => {
  const game = gameOf();
  const counts = [bots(game)];
  for (const slot of [1, 2, 3]) {
    game.enter(slot);
    counts.push(bots(game));
  }
  for (const slot of [3, 2, 1]) {
    game.leave(slot);
    counts.push(bots(game));
  }
  assert.deepEqual(counts, [2, 1, 0, 0, 0, 1, 2]);
});

test("all have different colours, whatever their slots are", () => {
  for (const slots of [[1, 2, 3, 4, 5, 6, 7, 8], [8], [1, 9], [1, 9, 17, 25, 33, 41, 49, 57], [7, 15]]) {
    const game = gameOf(...slots);
    const colours = [...game.arena.comets.values()].map((comet) => comet.colour);
    assert.equal(new Set(colours).size, colours.length, `${slots}`);
  }
  assert.equal(gameOf(3).players.get(3).colour, 2, "the slot's own, where it is free");
});

test("a newcomer gets the colour of one who is away, when there is no other", () => {
  const game = gameOf(1, 2, 3, 4, 5, 6, 7, 8);
  game.lose(3);
  game.enter(9);
  assert.equal(game.players.get(9).colour, 2);
  assert.ok(!game.players.has(3));
});

test("a player who is lost and comes back has the same name, colour and points", () => {
  const game = gameOf(1, 2);
  game.introduce(1, { name: "Ann", face: "🐼" });
  game.start();
  game.steer(1, [1, 0]);
  run(game, 2);
  const before = game.ranking();
  game.lose(1);
  assert.ok(game.players.get(1).away);
  game.enter(1);
  assert.deepEqual(game.ranking(), before);
});

test("a round ends after its time, and the best painter wins", () => {
  const game = gameOf(1, 2);
  assert.ok(game.start());
  assert.ok(!game.canStart);
  const events = [];
  for (let past = 0; past < ROUND_SECONDS - 0.5; past += 0.02) {
    game.steer(2, [Math.cos(past * 2), Math.sin(past * 2.7)]);
    events.push(...game.pass(0.02));
  }
  assert.equal(game.phase, "round");
  events.push(...run(game, 1, 0.02));
  assert.deepEqual(events.filter((event) => "over" in event), [{ over: 2 }]);
  assert.equal(game.phase, "over");
  run(game, REST_SECONDS + 0.1, 0.1);
  assert.equal(game.phase, "lobby");
});

test("nobody can start a round without players", () => {
  const game = gameOf(1);
  game.lose(1);
  assert.ok(!game.start());
});

test("a bot can win", () => {
  const game = gameOf(1);
  game.start();
  assert.deepEqual(run(game, ROUND_SECONDS + 0.1).filter((event) => "over" in event), [{ over: 0 }]);
});

test("what phones say about themselves is checked", () => {
  const game = gameOf(1);
  for (const hello of [{}, { name: 5 }, { name: "   " }, { face: "<b>" }, { name: null, face: {} }]) game.introduce(1, hello);
  assert.equal(game.players.get(1).name, "Player 1");
  game.introduce(1, { name: ` ${"🦊".repeat(40)} ` });
  assert.equal([...game.players.get(1).name].length, 12);
  game.introduce(7, { name: "nobody" });
  assert.ok(!game.players.has(7));
});

test("a name that nobody can see is none", () => {
  const blanks = [
    "\u200b", "\u2060\ufeff", "\u200d\u200d", "\u202e ", "\u0000\t", "\u3164", "\u2800", "\u034f", "\ufe0f", "\ud83e", " \u00a0",
  ];
  for (const name of blanks) {
    const game = gameOf(1);
    game.introduce(1, { name });
    assert.equal(game.players.get(1).name, "Player 1", JSON.stringify(name));
  }
});

test("names keep what is seen, and lose what could upset the line", () => {
  const names = [
    ["\u202eAnn\u202c", "Ann"], ["\u2066Bob\u2069", "Bob"], ["A\u200bnn", "Ann"], ["An\u0007n", "Ann"],
    ["\u200b Zoë \u200b", "Zoë"], ["👩\u200d🚀", "👩\u200d🚀"], ["❤\ufe0f", "❤\ufe0f"], ["?", "?"], ["7", "7"],
    ["נועה", "נועה"], ["abcdefghijk lm", "abcdefghijk"], ["x\ud83e", "x"],
  ];
  for (const [name, shown] of names) {
    const game = gameOf(1);
    game.introduce(1, { name });
    assert.equal(game.players.get(1).name, shown, JSON.stringify(name));
  }
});

test("a name of megabytes does not hold up the screen", () => {
  const game = gameOf(1);
  const name = "x".repeat(2 ** 21);
  const before = performance.now();
  for (let time = 0; time < 100; time++) game.introduce(1, { name });
  assert.ok(performance.now() - before < 3_000);
  assert.equal(game.players.get(1).name, "x".repeat(12));
});

test("aims that are none are ignored", () => {
  const game = gameOf(1);
  for (const aim of [null, 1, "1,1", [1], [1, "1"], [NaN, 0], [Infinity, 0], [1, 1, 1], {}]) game.steer(1, aim);
  const { aimX, aimY } = game.arena.comets.get(1);
  assert.deepEqual([aimX, aimY], [0, 0]);
});

test("a big screen that is opened anew goes on where it was", () => {
  const game = gameOf(1, 2, 5);
  game.introduce(2, { name: "Bob", face: "🐙" });
  game.locked = true;
  game.start();
  game.steer(2, [1, 0.3]);
  run(game, 10);
  const told = JSON.parse(JSON.stringify(game.snapshot()));
  const other = new Game(chance(7));
  other.restore(told);
  for (const slot of [1, 2, 5]) other.enter(slot);
  assert.deepEqual(other.snapshot(), game.snapshot());
});

test("a lobby in which nothing changes has one state", () => {
  const game = gameOf(1);
  const before = JSON.stringify(game.snapshot());
  run(game, 5);
  assert.equal(JSON.stringify(game.snapshot()), before);
});

test("the state of a full game fits a room", () => {
  const game = gameOf(1, 2, 3, 4, 5, 6, 7, 8);
  for (const slot of game.players.keys()) game.introduce(slot, { name: "🦊".repeat(12) });
  game.start();
  game.arena.owners.forEach((_, at) => (game.arena.owners[at] = at % 9));
  assert.ok(new TextEncoder().encode(JSON.stringify(game.snapshot())).length < 8_192);
});
