// Tests of a game, each against a real relay of its own: node --test (22 or newer), bun test.
// RELAY names the program; party-sockets in the search path if it is not set.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";

import { createRoom, joinRoom } from "../../party-sockets-js/client.js";

/** With PORT=0 the relay takes a free port, and says which in the first line of its output, milliseconds later. */
async function startRelay() {
  const relay = spawn(process.env.RELAY ?? "party-sockets", {
    env: { ...process.env, PORT: "0", HOST: "127.0.0.1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(relay.stdout), "line");
  return { url: JSON.parse(line).url, stop: () => relay.kill() };
}

/** The game: who buzzes first gets a point, until the display opens the next round. */
function quiz(room) {
  const game = { points: {}, winner: undefined };
  room.on("message", ({ from, data }) => {
    if (data !== "buzz" || game.winner !== undefined) return;
    game.winner = from;
    game.points[from] = (game.points[from] ?? 0) + 1;
    room.setState(game);
  });
  return {
    nextRound() {
      game.winner = undefined;
      room.setState(game);
    },
  };
}

/** The next state of a room for which the condition holds. */
async function state(room, holds) {
  while (!room.state || !holds(room.state)) await room.once("state");
  return room.state;
}

async function withGame(play) {
  const relay = await startRelay();
  try {
    const display = await createRoom({ url: relay.url });
    const closed = display.once("closed");
    try {
      const join = (more) => joinRoom({ url: relay.url, code: display.code, ...more });
      await play({ display, game: quiz(display), join });
    } finally {
      // Ends it for all. A relay that is told to end waits for games that are still played.
      display.close();
      await closed;
    }
  } finally {
    relay.stop();
  }
}

test("the first who buzzes gets the point, once a round", () =>
  withGame(async ({ display, game, join }) => {
    const anna = await join();
    const ben = await join();
    ben.send("buzz", 0);
    await state(anna, ({ winner }) => winner === ben.index);
    const late = display.once("message");
    anna.send("buzz", 0);
    await late;
    game.nextRound();
    await state(anna, ({ winner }) => winner === undefined);
    anna.send("buzz", 0);
    const { points } = await state(ben, ({ winner }) => winner === anna.index);
    assert.deepEqual(points, { [anna.index]: 1, [ben.index]: 1 });
  }));

test("a player who reloads has the same seat, and sees the points at once", () =>
  withGame(async ({ join }) => {
    // What a page keeps in its storage.
    const clientId = crypto.randomUUID();
    const before = await join({ clientId });
    before.send("buzz", 0);
    await state(before, ({ winner }) => winner === before.index);
    const after = await join({ clientId });
    assert.equal(after.index, before.index);
    assert.equal((await state(after, () => true)).points[after.index], 1);
  }));
