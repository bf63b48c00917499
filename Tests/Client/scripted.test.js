import assert from "node:assert/strict";
import { test } from "node:test";
import { scripted, until } from "./Relay.js";
import { WebSocket, createRoom, joinRoom } from "./tested.js";
import { record } from "./World.js";

const drawn = () => Math.random().toString(36).slice(2, 8);
const enter = async (how, script, options) => {
  const room = await how({ url: scripted(script), WebSocket, code: drawn(), ...options });
  return Object.assign(room, { events: record(room) });
};
const join = (script, options) => enter(joinRoom, script, options);
const names = ({ events }) => events.map(([name]) => name).filter((name) => name !== "rtt");
const rejection = (promise) => promise.then(() => assert.fail("it was not rejected"), (error) => error);

test("after a close that is not the end the client comes back", async () => {
  const codes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013, 1014, 3000, 4002, 4008, 4321];
  await Promise.all(
    codes.map(async (code) => {
      const room = await join(`close-${code}`);
      await until(() => names(room).includes("reconnected"));
      const [[, closed]] = room.events;
      // Not every runtime tells a code that it does not know, or that only it may use.
      assert.ok([code, 0, 1002, 1005, 1006].includes(closed.code), JSON.stringify([code, closed]));
      assert.deepEqual(names(room), ["disconnected", "reconnected"]);
      room.leave();
    }),
  );
});

for (const [code, name] of [[4000, "replaced"], [4001, "room_closed"], [4003, "kicked"]]) {
  test(`a close with ${code} is the end`, async () => {
    const room = await join(`close-${code}`);
    await until(() => room.connection === "closed");
    assert.deepEqual(names(room), ["closed"]);
    const { code: told, closeCode } = room.events.find(([name]) => name === "closed")[1];
    assert.deepEqual([told, closeCode], [name, code]);
  });
}

test("a relay that breaks the protocol of WebSockets is tried again", async () => {
  const room = await join("torn");
  await until(() => names(room).includes("reconnected"));
  room.leave();
});

test("garbage is told, and harms nothing", async () => {
  const room = await join("garbage");
  await until(() => names(room).includes("message"));
  assert.deepEqual(names(room), [...Array(7).fill("unreadable"), "message"]);
  assert.deepEqual(room.events.pop()[1], { from: 0, data: "sense" });
  assert.equal(room.connection, "open");
  room.leave();
});

test("an upgrade that is refused is tried again within the deadline", async () => {
  const statuses = [403, 404, 429, 500, 502, 503];
  const rooms = await Promise.all(statuses.map((status) => join(`status-${status}`)));
  for (const room of rooms) {
    assert.equal(room.index, 1);
    room.leave();
  }
});

test("a relay that answers nothing costs no more than the deadline", async () => {
  const start = performance.now();
  const { code } = await rejection(join("mute", { timeout: 1_500 }));
  const took = performance.now() - start;
  assert.equal(code, "timeout");
  assert.ok(took > 1_400 && took < 6_000, `${took} ms`);
});

test("where nobody listens, that is said within the deadline", async () => {
  const { code } = await rejection(joinRoom({ url: "ws://127.0.0.1:1", WebSocket, code: "ABC123", timeout: 1_000 }));
  assert.equal(code, "unreachable");
});

test("a relay of the original's kind is played on with what it has", async () => {
  const host = await enter(createRoom, "old", { maxClients: 3 });
  host.setState({ level: 1 });
  const one = await join("old", { code: host.code, clientId: "one" });
  const two = await join("old", { code: host.code });
  assert.deepEqual([one.protocol, one.index, two.index, two.peers, host.region], [2, 1, 2, [0, 1], "ams"]);
  await until(() => one.state && two.state);
  host.send("both", [1, 2]);
  one.send("all");
  await until(() => names(two).filter((name) => name === "message").length === 2);
  assert.deepEqual((await rejection(join("old", { code: host.code }))).code, "room_full");
  assert.deepEqual((await rejection(join("old", { code: "nobody" }))).code, "room_not_found");
  host.send("nobody", 7);
  assert.equal((await host.once("error")).code, "target_not_found");
  const next = await join("old", { code: host.code, clientId: "one" });
  await until(() => one.connection === "closed");
  assert.deepEqual([next.index, one.events.pop()[1].code], [1, "replaced"]);
  two.leave();
  await until(() => names(host).includes("away"));
  assert.deepEqual([host.peers, host.away], [[1], [2]]);
  host.close();
  await until(() => next.connection === "closed");
  assert.equal(next.events.pop()[1].code, "room_closed");
});
