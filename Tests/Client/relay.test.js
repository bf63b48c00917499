import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Network, Relay, pause, until } from "./Relay.js";
import { WebSocket, createRoom, joinRoom } from "./tested.js";
import { record } from "./World.js";

let relay;
before(async () => {
  relay = await Relay.start();
});
after(() => relay.end());

/** What a test has entered is left at its end, so that nothing of it goes on. */
const inRooms = (name, act) =>
  test(name, async () => {
    const rooms = [];
    const enter = (how) => async (options) => {
      const room = await how({ url: relay.url, WebSocket, ...options });
      rooms.push(room);
      return Object.assign(room, { events: record(room) });
    };
    try {
      await act({ create: enter(createRoom), join: enter(joinRoom) });
    } finally {
      for (const room of rooms) room.leave();
    }
  });

const heard = (room, name) => until(() => room.events.find(([event]) => event === name)?.[1] ?? (room.events.some(([event]) => event === name) && true));
const rejection = (promise) => promise.then(() => assert.fail("it was not rejected"), (error) => error);
const storage = () => {
  const items = new Map();
  return { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => items.set(key, value) };
};

inRooms("a display and two phones play", async ({ create, join }) => {
  const host = await create({ maxClients: 3, hold: 5 });
  assert.deepEqual([host.maxClients, host.hold, host.protocol, host.index], [3, 5, 3, 0]);
  host.setState({ level: 1 });
  const one = await join({ code: host.code });
  const two = await join({ code: host.code });
  assert.deepEqual([one.index, two.index, two.peers], [1, 2, [0, 1]]);
  assert.deepEqual([await heard(one, "state"), await heard(two, "state")], [{ level: 1 }, { level: 1 }]);
  one.send({ button: "A" });
  assert.deepEqual(await heard(host, "message"), { from: 1, data: { button: "A" } });
  assert.deepEqual(await heard(two, "message"), { from: 1, data: { button: "A" } });
  host.send("to two", [2]);
  host.send("to both", [1, 2]);
  host.send("to one", 1);
  await until(() => one.events.filter(([name]) => name === "message").length === 2);
  const messages = ({ events }) => events.filter(([name]) => name === "message").map(([, { data }]) => data);
  assert.deepEqual([messages(one), messages(two).slice(1)], [["to both", "to one"], ["to two", "to both"]]);
  await until(() => host.rtt >= 0 && one.rtt >= 0);
  one.leave();
  assert.deepEqual(await heard(host, "gone"), { index: 1, reason: "left" });
  assert.deepEqual(host.events.filter(([name]) => name === "peer").length, 2);
});

inRooms("a page without TLS can lead phones to itself, and one with TLS is told to all", async ({ create, join }) => {
  const host = await create({ controllerUrl: "http://192.168.1.20:8000/pad.html?room={room}" });
  assert.equal(host.joinUrl, `http://192.168.1.20:8000/pad.html?room=${host.code}`);
  const secure = await create({ controllerUrl: "https://game.example/{room}" });
  const guest = await join({ code: secure.code });
  assert.deepEqual([secure.joinUrl, guest.joinUrl], Array(2).fill(`https://game.example/${secure.code}`));
});

inRooms("a full room is said at once, with when to try again", async ({ create, join }) => {
  const host = await create({ maxClients: 2 });
  await join({ code: host.code });
  const { code, retryAfter, final } = await rejection(join({ code: host.code }));
  assert.deepEqual([code, retryAfter, final], ["room_full", 5, false]);
});

inRooms("an unknown room is said at once", async ({ join }) => {
  const { code, final } = await rejection(join({ code: "zzzzzz" }));
  assert.deepEqual([code, final], ["room_not_found", true]);
});

inRooms("the relay counts a state as the client does", async ({ create, join }) => {
  const host = await create();
  const guest = await join({ code: host.code });
  for (const unit of ["x", "ä", "€", "😀", '"', "\\", "/", "\n", "\u0001", "\u007f", "\u2028"]) {
    const bytes = new TextEncoder().encode(JSON.stringify(unit)).length - 2;
    const state = unit.repeat(Math.floor(16_382 / bytes));
    host.setState(state);
    await until(() => guest.state === state || host.events.some(([name]) => name === "error"));
    assert.throws(() => host.setState(state + unit), { code: "state_too_large" });
  }
  assert.deepEqual(host.events.filter(([name]) => name === "error"), []);
});

inRooms("a connection that is cut comes back to its slot, and all hear of it", async ({ create, join }) => {
  const network = await Network.before(relay);
  try {
    const host = await create({ hold: 30 });
    const guest = await join({ code: host.code, url: network.url });
    network.cut();
    guest.on("disconnected", () => guest.send("meanwhile"));
    const { after } = await heard(guest, "reconnected");
    assert.deepEqual([guest.index, guest.connection], [1, "open"]);
    assert.deepEqual(await heard(host, "message"), { from: 1, data: "meanwhile" });
    assert.deepEqual(host.events.filter(([name]) => name !== "rtt").map(([name, { index, reason, held }]) => [name, index, reason, held]), [
      ["peer", 1, undefined, undefined], ["away", 1, "lost", true], ["back", 1, undefined, undefined],
      ["message", undefined, undefined, undefined],
    ]);
    assert.ok(after < 5_000, `${after} ms`);
  } finally {
    network.end();
  }
});

inRooms("a network that swallows everything is noticed, and a slow one is no lost one", async ({ create, join }) => {
  const [silent, slow] = [await Network.before(relay), await Network.before(relay)];
  try {
    const host = await create();
    const [unheard, patient] = [await join({ code: host.code, url: silent.url }), await join({ code: host.code, url: slow.url })];
    await until(() => unheard.rtt >= 0 && patient.rtt >= 0);
    silent.isSilent = true;
    slow.bytesPerSecond = 100_000;
    host.send("x".repeat(600_000), patient.index);
    patient.send("y".repeat(300_000), 0);
    const [{ data }, { data: back }] = await Promise.all([heard(patient, "message"), heard(host, "message")]);
    assert.deepEqual([data.length, back.length], [600_000, 300_000]);
    assert.deepEqual(patient.events.filter(([name]) => name === "disconnected"), []);
    assert.deepEqual(await heard(unheard, "disconnected"), { code: 1006, reason: "silent" });
    silent.isSilent = false;
    await heard(unheard, "reconnected");
    assert.equal(unheard.index, 1);
  } finally {
    silent.end();
    slow.end();
  }
});

inRooms("the tab whose slot another tab takes is out, and can take it back", async ({ create, join }) => {
  const host = await create();
  const first = await join({ code: host.code, clientId: "the same phone" });
  const second = await join({ code: host.code, clientId: "the same phone" });
  const { code, closeCode, final } = await heard(first, "closed");
  assert.deepEqual([code, closeCode, final, second.index], ["replaced", 4000, false, 1]);
  assert.deepEqual(await heard(host, "replaced"), { index: 1 });
  first.reconnect();
  await heard(first, "reconnected");
  assert.equal((await heard(second, "closed")).code, "replaced");
  await pause(300);
  assert.deepEqual([first.connection, second.connection], ["open", "closed"]);
});

inRooms("a room that the host closes is over for all", async ({ create, join }) => {
  const host = await create();
  const guest = await join({ code: host.code });
  host.close();
  const { code, final } = await heard(guest, "closed");
  assert.deepEqual([code, final, host.connection], ["room_closed", true, "closed"]);
  assert.equal((await rejection(join({ code: host.code }))).code, "room_not_found");
});

inRooms("who is kicked may return, and who is banned may not", async ({ create, join }) => {
  const host = await create();
  const guest = await join({ code: host.code, clientId: "a rude phone" });
  host.kick(1);
  assert.equal((await heard(guest, "closed")).code, "kicked");
  assert.deepEqual(await heard(host, "gone"), { index: 1, reason: "kicked" });
  const again = await join({ code: host.code, clientId: "a rude phone" });
  host.kick(again.index, { ban: true });
  await heard(again, "closed");
  const { code, final } = await rejection(join({ code: host.code, clientId: "a rude phone" }));
  assert.deepEqual([code, final], ["not_allowed", true]);
});

inRooms("a locked room lets only those in who have a slot", async ({ create, join }) => {
  const network = await Network.before(relay);
  try {
    const host = await create();
    const guest = await join({ code: host.code, url: network.url });
    host.lock(true);
    const locked = await until(async () => (await rejection(joinRoom({ url: relay.url, WebSocket, code: host.code }))).code);
    assert.equal(locked, "room_locked");
    network.cut();
    await heard(guest, "reconnected");
    host.lock(false);
    host.send("unlocked");
    await heard(guest, "message");
    assert.equal((await join({ code: host.code })).index, 2);
  } finally {
    network.end();
  }
});

inRooms("a ticket moves a seat to another phone, once", async ({ create, join }) => {
  const host = await create();
  const old = await join({ code: host.code });
  const ticket = await host.ticket(1);
  assert.match(ticket, /^[0-9a-f]{32}$/);
  const next = await join({ code: host.code, ticket, clientId: "the new phone" });
  assert.equal(next.index, 1);
  assert.equal((await heard(old, "closed")).code, "replaced");
  const again = await join({ code: host.code, ticket, clientId: "the new phone" });
  assert.equal(again.index, 1);
  assert.equal((await rejection(join({ code: host.code, ticket }))).code, "ticket_invalid");
  assert.equal((await rejection(host.ticket(77))).code, "target_not_found");
});

inRooms("a display that is loaded again finds its room", async ({ create, join }) => {
  const network = await Network.before(relay);
  try {
    const kept = storage();
    const host = await create({ url: network.url, storage: kept, resume: true });
    const guest = await join({ code: host.code });
    host.setState("before");
    await heard(guest, "state");
    host.suspend(); // its page is gone
    network.cut();
    await heard(guest, "away");
    const again = await create({ url: network.url, storage: kept, resume: true });
    assert.deepEqual([again.code, again.resumed, again.index, again.peers], [host.code, true, 0, [1]]);
    assert.equal(await heard(again, "state"), "before");
    again.close();
    const next = await create({ url: network.url, storage: kept, resume: true });
    assert.deepEqual([next.resumed, next.code === host.code], [false, false]);
  } finally {
    network.end();
  }
});

test("a relay that restarts has its rooms back, and all are in them at once", async () => {
  const file = `/tmp/party-sockets-rooms-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const own = await Relay.start({ ROOMS_FILE: file });
  try {
    const host = await createRoom({ url: own.url, WebSocket, hold: 10 });
    const guest = await joinRoom({ url: own.url, WebSocket, code: host.code });
    for (const room of [host, guest]) room.events = record(room);
    host.setState({ round: 3 });
    await heard(guest, "state");
    await own.end("SIGTERM");
    await own.begin();
    const returns = await Promise.all([heard(host, "reconnected"), heard(guest, "reconnected")]);
    assert.equal((await heard(guest, "disconnected")).code, 1012);
    assert.deepEqual([host.index, guest.index, host.code === guest.code], [0, 1, true]);
    for (const { after } of returns) assert.ok(after < 10_000, `${after} ms`);
    guest.send("still here");
    assert.deepEqual(await heard(host, "message"), { from: 1, data: "still here" });
    guest.leave();
    host.leave();
  } finally {
    await own.end();
  }
});

test("a relay that dies takes its rooms along, and that is said", async () => {
  const own = await Relay.start();
  try {
    const host = await createRoom({ url: own.url, WebSocket });
    host.events = record(host);
    await own.end();
    await heard(host, "disconnected");
    await own.begin();
    const { code, final } = await heard(host, "closed");
    assert.deepEqual([code, final], ["room_not_found", true]);
  } finally {
    await own.end();
  }
});

test("a relay that drains takes no new game", async () => {
  const own = await Relay.start();
  try {
    const host = await createRoom({ url: own.url, WebSocket });
    const guest = await joinRoom({ url: own.url, WebSocket, code: host.code });
    own.signal("SIGTERM");
    const { code, retryAfter } = await until(async () => {
      const error = await createRoom({ url: own.url, WebSocket, timeout: 900 }).then((room) => room.leave(), (error) => error);
      return error;
    });
    assert.deepEqual([code, retryAfter], ["server_draining", 1]);
    guest.leave();
    host.leave();
    await own.ended;
  } finally {
    await own.end();
  }
});
