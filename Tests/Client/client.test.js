import assert from "node:assert/strict";
import { test } from "node:test";
import { PartyError, createRoom, joinRoom } from "./tested.js";
import { World, oldSeat, record, seat } from "./World.js";

/** A test in a world of its own. */
const inWorld = (name, act, options) =>
  test(name, async () => {
    const world = new World(options);
    try {
      await act(world);
    } finally {
      world.end();
    }
  });

const url = "wss://relay.example";
const rejection = async (promise) => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it was not rejected");
};

// Entering

inWorld("createRoom asks for a room, and its promise is the room", async (world) => {
  const room = await world.created({ maxClients: 5, hold: 30, controllerUrl: "https://game.example/pad?{room}" });
  const { clientId, ...rest } = world.socket.sent[0];
  assert.deepEqual(rest, { type: "create", v: 3, maxClients: 5, hold: 30, url: "https://game.example/pad?{room}" });
  assert.match(clientId, /^(\d+-){3}\d+$/);
  assert.equal(world.socket.url, "wss://relay.example/");
  const { code, index, isHost, region, instance, maxClients, hold, protocol, connection, resumed } = room;
  assert.deepEqual(
    { code, index, isHost, region, instance, maxClients, hold, protocol, connection, resumed },
    { code: "ABC123", index: 0, isHost: true, region: "ams", instance: "m1", maxClients: 8, hold: 0, protocol: 3,
      connection: "open", resumed: false });
  assert.deepEqual([room.peers, room.away, room.state], [[], [], undefined]);
});

inWorld("joinRoom asks for a slot, and knows who is there", async (world) => {
  const room = await world.joined({ code: " ABC123\n" }, { peers: [4, 0, 1], away: [3] });
  assert.equal(world.socket.url, "wss://relay.example/ABC123");
  const { clientId, ...rest } = world.socket.sent[0];
  assert.deepEqual(rest, { type: "join", v: 3, room: "ABC123" });
  assert.deepEqual([room.index, room.isHost, room.peers, room.away], [2, false, [0, 1, 4], [3]]);
});

inWorld("a ticket goes along with the first join alone", async (world) => {
  await world.joined({ ticket: "f00" });
  assert.equal(world.socket.sent[0].ticket, "f00");
  await world.returned();
  assert.equal(world.socket.sent[0].ticket, undefined);
});

for (const [given, wanted] of [
  ["http://relay.example:3000", "ws://relay.example:3000/ABC123"],
  ["https://relay.example", "wss://relay.example/ABC123"],
  ["wss://relay.example/party/?key=1", "wss://relay.example/party/ABC123?key=1"],
  ["wss://relay.example/#top", "wss://relay.example/ABC123"],
  ["wss://relay.example/party", "wss://relay.example/party/ABC123"],
  [new URL("ws://[::1]:3000"), "ws://[::1]:3000/ABC123"],
]) {
  inWorld(`the relay ${given} is entered at ${wanted}`, async (world) => {
    await world.joined({ url: given });
    assert.equal(world.socket.url, wanted);
  });
}

inWorld("a code cannot lead anywhere else", async (world) => {
  joinRoom({ url, code: "../?a#b" });
  await world.settle();
  assert.equal(world.socket.url, "wss://relay.example/..%2F%3Fa%23b");
});

inWorld("what is no address of a relay is said at once", async (world) => {
  for (const attempt of [() => createRoom({ url: "relay" }), () => joinRoom({ url: "", code: "A" })]) {
    const error = await rejection(attempt());
    assert.ok(error instanceof PartyError);
    assert.deepEqual([error.code, error.final], ["invalid_url", true]);
  }
  world.refusal = new Error("An insecure WebSocket connection may not be initiated from a page loaded over HTTPS.");
  const error = await rejection(createRoom({ url: "ws://relay.example" }));
  assert.deepEqual([error.code, error.message, world.timerCount], ["invalid_url", world.refusal.message, 0]);
});

inWorld("a code that fits into no address is said, and nothing is left behind", async (world) => {
  const error = await rejection(joinRoom({ url, code: "A\ud800" }));
  assert.ok(error instanceof PartyError);
  assert.deepEqual([error.code, error.final, world.timerCount, world.listenerCount], ["invalid_url", true, 0, 0]);
});

inWorld("where there is no WebSocket, it is said", async () => {
  globalThis.WebSocket = undefined;
  assert.equal((await rejection(createRoom({ url }))).code, "no_websocket");
});

inWorld("a WebSocket that is handed in is used", async (world) => {
  globalThis.WebSocket = undefined;
  const room = await world.created({ WebSocket: world.WebSocket });
  assert.equal(room.code, "ABC123");
});

inWorld("a relay that cannot be reached costs no more than the deadline", async (world) => {
  const promise = rejection(joinRoom({ url, code: "ABC123" }));
  await world.settle();
  world.socket.drop(1006);
  await world.pass(9_000);
  assert.ok(world.sockets.length >= 2);
  await world.pass(1_000);
  const { code, final } = await promise;
  assert.deepEqual([code, final, world.timerCount, world.listenerCount], ["unreachable", false, 0, 0]);
});

inWorld("a socket that fails without a close, as in Node 20, is lost, and other errors are followed by a close", async (world) => {
  const room = await world.joined();
  const events = record(room);
  const first = world.socket;
  first.onerror({});
  assert.equal(room.connection, "open");
  first.drop(1006);
  await world.pass(0);
  first.onerror({});
  assert.equal(world.socket.closed, undefined);
  world.socket.onerror({});
  await world.pass(250);
  assert.deepEqual([world.sockets.length, events.length], [3, 1]);
});

inWorld("an attempt that hangs is followed by another after five seconds", async (world) => {
  const promise = rejection(joinRoom({ url, code: "ABC123" }));
  await world.pass(4_999);
  assert.equal(world.sockets.length, 1);
  await world.pass(1_000);
  assert.equal(world.sockets.length, 2);
  assert.equal(world.sockets[0].closed, null);
  world.socket.open();
  await world.pass(5_000);
  assert.equal((await promise).code, "timeout");
  assert.equal(world.socket.closed, 1000);
});

inWorld("from the third try of a return on an attempt has ten seconds", async (world) => {
  await world.joined();
  world.socket.drop(1006);
  await world.pass(0);
  const lengths = [];
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const [before, start] = [world.sockets.length, world.now];
    while (world.socket.closed === undefined) await world.pass(1_000);
    lengths.push(world.now - start);
    while (world.sockets.length === before) await world.pass(50);
  }
  assert.deepEqual(lengths, [5_000, 5_000, 10_000]);
});

inWorld("the deadline can be set, and so can a signal end it", async (world) => {
  const late = rejection(joinRoom({ url, code: "ABC123", timeout: 1_000 }));
  await world.pass(1_000);
  assert.equal((await late).code, "unreachable");
  const controller = new AbortController();
  const aborted = rejection(joinRoom({ url, code: "ABC123", signal: controller.signal }));
  await world.settle();
  world.socket.open();
  controller.abort();
  assert.equal((await aborted).code, "aborted");
  assert.equal(world.socket.closed, 1000);
  assert.equal((await rejection(joinRoom({ url, code: "ABC123", signal: controller.signal }))).code, "aborted");
  assert.deepEqual([world.timerCount, world.listenerCount], [0, 0]);
});

inWorld("a signal does nothing to a room that was entered, and is not listened to any more", async (world) => {
  const { signal, listeners, abort } = listenedTo();
  const room = await world.joined({ signal });
  assert.equal(listeners.size, 0);
  abort();
  assert.equal(room.connection, "open");
});

inWorld("a signal is not listened to once the entrance has failed", async (world) => {
  for (const options of [{ timeout: 10 }, { WebSocket: class { constructor() { throw new Error("no"); } } }]) {
    const { signal, listeners } = listenedTo();
    const failed = rejection(joinRoom({ url, code: "ABC123", signal, ...options }));
    await world.pass(10);
    assert.ok(await failed);
    assert.equal(listeners.size, 0);
  }
});

/** A signal, and who listens to it. */
function listenedTo() {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set();
  for (const [name, count] of [["addEventListener", "add"], ["removeEventListener", "delete"]]) {
    const act = signal[name];
    signal[name] = (type, listener) => (listeners[count](listener), act.call(signal, type, listener));
  }
  return { signal, listeners, abort: () => controller.abort() };
}

for (const [code, final, retryAfter] of [
  ["room_not_found", true], ["room_full", false, 5], ["room_locked", true], ["not_allowed", true], ["ticket_invalid", true],
]) {
  inWorld(`who joins for the first time hears ${code} at once`, async (world) => {
    const promise = rejection(joinRoom({ url, code: "ABC123" }));
    await world.settle();
    world.socket.open();
    world.socket.say({ type: "error", message: "It says so", code, retryAfter });
    const error = await promise;
    assert.deepEqual([error.code, error.message, error.final, error.retryAfter], [code, "It says so", final, retryAfter]);
    assert.deepEqual([world.sockets.length, world.socket.closed, world.timerCount], [1, 1000, 0]);
  });
}

inWorld("a relay that drains is asked again within the deadline", async (world) => {
  const promise = createRoom({ url });
  await world.settle();
  world.socket.open();
  world.socket.say({ type: "error", message: "Server draining", code: "server_draining", retryAfter: 1 });
  await world.pass(1_250);
  assert.deepEqual([world.sockets.length, world.sockets[0].closed], [2, 1000]);
  world.socket.open();
  world.socket.say({ type: "created", room: "XYZ789", index: 0, instance: "", region: "", maxClients: 8, hold: 0 });
  assert.equal((await promise).code, "XYZ789");
});

inWorld("events that come together with the room are not missed", async (world) => {
  const promise = joinRoom({ url, code: "ABC123" });
  await world.settle();
  world.socket.open();
  world.socket.say(seat);
  world.socket.say({ type: "state", data: { level: 1 } });
  world.socket.say({ type: "message", from: 0, data: "hello" });
  const room = await promise;
  const events = record(room);
  assert.deepEqual(room.state, { level: 1 });
  await world.pass(0);
  assert.deepEqual(events.slice(0, 2), [["state", { level: 1 }], ["message", { from: 0, data: "hello" }]]);
});

// What is said in the room

inWorld("a message goes to all, to one or to several", async (world) => {
  const room = await world.joined();
  world.socket.sent = [];
  assert.deepEqual([room.send({ a: 1 }), room.send("x", 0), room.send(null, [0, 1]), room.send()], [true, true, true, true]);
  assert.deepEqual(world.socket.sent, [
    { type: "send", data: { a: 1 } }, { type: "send", data: "x", to: 0 }, { type: "send", data: null, to: [0, 1] },
    { type: "send" },
  ]);
});

inWorld("members come, go away, come back, leave and change their connection", async (world) => {
  const room = await world.joined();
  const events = record(room);
  const say = (type, index, more) => world.socket.say({ type, index, ...more });
  say("peer_joined", 3);
  assert.deepEqual(room.peers, [0, 1, 3]);
  say("peer_left", 3, { reason: "lost", held: true });
  assert.deepEqual([room.peers, room.away], [[0, 1], [3]]);
  say("peer_joined", 3, { back: true });
  say("peer_left", 1, { reason: "closed" });
  say("peer_joined", 1);
  say("peer_replaced", 0);
  say("peer_left", 3, { reason: "left" });
  say("peer_left", 1, { reason: "kicked" });
  say("peer_joined", 9, { back: true });
  assert.deepEqual([room.peers, room.away], [[0, 9], []]);
  assert.deepEqual(events, [
    ["peer", { index: 3 }], ["away", { index: 3, reason: "lost", held: true }], ["back", { index: 3 }],
    ["away", { index: 1, reason: "closed", held: false }], ["back", { index: 1 }], ["replaced", { index: 0 }],
    ["gone", { index: 3, reason: "left" }], ["gone", { index: 1, reason: "kicked" }], ["back", { index: 9 }],
  ]);
});

inWorld("what is no message of the protocol is an event, and no end", async (world) => {
  const room = await world.joined();
  const events = record(room);
  for (const data of ["{", "", "null", "5", "[]", '{"type":7}', '{"type":"surprise"}']) world.socket.say(data);
  world.socket.onmessage({ data: new Uint8Array(3) });
  assert.deepEqual(events.map(([name]) => name), Array(8).fill("unreadable"));
  assert.deepEqual(events[0][1], { data: "{" });
  world.socket.say({ type: "message", from: 1, data: 2 });
  assert.deepEqual(events.pop(), ["message", { from: 1, data: 2 }]);
  assert.equal(room.connection, "open");
});

inWorld("an error of the relay is an event, and no end", async (world) => {
  const room = await world.joined();
  world.socket.say({ type: "error", message: "Target peer not found", code: "target_not_found" });
  assert.deepEqual(world.warnings.map(({ code }) => code), ["target_not_found"]);
  const events = record(room);
  world.socket.say({ type: "error", message: "Target peer not found", code: "target_not_found" });
  assert.ok(events[0][1] instanceof PartyError);
  assert.equal(events[0][1].message, "Target peer not found");
  assert.deepEqual([world.warnings.length, room.connection], [1, "open"]);
});

inWorld("a listener can be taken off, and once is a promise of the next event", async (world) => {
  const room = await world.joined();
  const heard = [];
  const off = room.on("message", ({ data }) => heard.push(data));
  const next = room.once("message");
  world.socket.say({ type: "message", from: 0, data: 1 });
  off();
  world.socket.say({ type: "message", from: 0, data: 2 });
  assert.deepEqual([heard, (await next).data], [[1], 1]);
});

inWorld("the host's commands", async (world) => {
  const room = await world.created();
  world.socket.sent = [];
  room.kick(3);
  room.kick(4, { ban: true });
  room.lock(true);
  room.lock(false);
  assert.deepEqual(world.socket.sent, [
    { type: "kick", index: 3 }, { type: "kick", index: 4, ban: true }, { type: "lock", locked: true },
    { type: "lock", locked: false },
  ]);
});

inWorld("a ticket is promised, and its promise is kept or broken", async (world) => {
  const room = await world.created();
  const [first, second, third] = [room.ticket(1), room.ticket(2), room.ticket(1)];
  assert.deepEqual(world.socket.of("ticket"), [1, 2, 1].map((index) => ({ type: "ticket", index })));
  world.socket.say({ type: "ticket", index: 2, ticket: "two" });
  world.socket.say({ type: "ticket", index: 1, ticket: "one" });
  world.socket.say({ type: "ticket", index: 1, ticket: "three" });
  assert.deepEqual(await Promise.all([first, second, third]), ["one", "two", "three"]);
  const refused = rejection(room.ticket(9));
  world.socket.say({ type: "error", message: "Target peer not found", code: "target_not_found" });
  assert.equal((await refused).code, "target_not_found");
  const late = rejection(room.ticket(1));
  await world.pass(10_000);
  assert.equal((await late).code, "timeout");
  const over = rejection(room.ticket(1));
  room.close();
  assert.equal((await over).code, "room_closed");
});

inWorld("a ticket that came too late is nobody's, and the next answer is the next request's", async (world) => {
  const room = await world.created();
  const late = rejection(room.ticket(1));
  for (let turn = 0; turn < 10; turn += 1) {
    await world.pass(1_000);
    world.socket.say({ type: "pong", t: world.now });
  }
  assert.equal((await late).code, "timeout");
  const next = room.ticket(1);
  world.socket.say({ type: "ticket", index: 1, ticket: "next" });
  world.socket.say({ type: "ticket", index: 1, ticket: "surplus" });
  await world.pass(0);
  assert.equal(await next, "next");
});

inWorld("a ticket that was asked for is lost with its connection, and one that could not yet be asked for is not", async (world) => {
  const room = await world.created();
  const lost = rejection(room.ticket(1));
  world.socket.readyState = 2;
  const waiting = room.ticket(1);
  world.socket.drop(1006);
  assert.equal((await lost).code, "unreachable");
  await world.pass(0);
  world.socket.open();
  world.socket.say({ ...seat, index: 0, peers: [1] });
  assert.deepEqual(world.socket.of("ticket"), [{ type: "ticket", index: 1 }]);
  world.socket.say({ type: "ticket", index: 1, ticket: "one" });
  assert.equal(await waiting, "one");
  const again = rejection(room.ticket(1));
  world.socket.drop(1006);
  assert.equal((await again).code, "unreachable");
});

inWorld("a message that finds nobody spoils no ticket for a slot that there is", async (world) => {
  const room = await world.created();
  for (const index of [1, 2]) world.socket.say({ type: "peer_joined", index });
  world.socket.say({ type: "peer_left", index: 2, reason: "left" });
  const events = record(room);
  const no = { type: "error", message: "Target peer not found", code: "target_not_found" };
  for (const index of [0, 1, 2]) {
    room.send("x", 7);
    const ticket = room.ticket(index);
    const refused = rejection(room.ticket(9));
    world.socket.say(no);
    assert.equal((await refused).code, "target_not_found");
    world.socket.say(no);
    world.socket.say({ type: "ticket", index, ticket: `for ${index}` });
    assert.equal(await ticket, `for ${index}`);
  }
  assert.deepEqual(events.map(([name, { code }]) => [name, code]), Array(3).fill(["error", "target_not_found"]));
});

inWorld("who may issue no tickets hears it for each", async (world) => {
  const room = await world.joined();
  const refusals = [room.ticket(1), room.ticket(7)].map(rejection);
  const no = { type: "error", message: "Only the host can issue tickets", code: "only_host_can_issue_tickets" };
  for (const refusal of refusals) {
    world.socket.say(no);
    assert.equal((await refusal).code, "only_host_can_issue_tickets");
  }
});

inWorld("a closed room gives no tickets and leaves no timers", async (world) => {
  const room = await world.created();
  for (const act of [() => world.socket.say({ type: "ticket", index: 1, ticket: "one" }), () => room.close()]) {
    const asked = room.ticket(1).catch(() => {});
    act();
    await asked;
  }
  assert.deepEqual([(await rejection(room.ticket(1))).code, world.timerCount], ["room_closed", 0]);
});

// State

inWorld("states that are set within 50 ms are one message with the last", async (world) => {
  const room = await world.created();
  const states = () => world.socket.of("set_state").map(({ data }) => data);
  room.setState(1);
  room.setState(2);
  assert.deepEqual([states(), room.state], [[], 2]);
  await world.pass(0);
  assert.deepEqual(states(), [2]);
  for (let state = 3; state < 23; state += 1) {
    room.setState(state);
    await world.pass(10);
  }
  await world.pass(100);
  assert.deepEqual(states(), [2, 7, 12, 17, 22]);
  await world.pass(1_000);
  room.setState(null);
  await world.pass(0);
  assert.deepEqual(states().pop(), null);
});

inWorld("a state that is too large, of a guest, or none is an error here", async (world) => {
  const room = await world.created();
  const codeOf = (act) => {
    try {
      act();
    } catch (error) {
      return error.code;
    }
  };
  const counted = (text) => codeOf(() => room.setState(text));
  assert.equal(counted("x".repeat(16_382)), undefined);
  assert.equal(counted("x".repeat(16_383)), "state_too_large");
  assert.equal(counted("ä".repeat(8_191)), undefined);
  assert.equal(counted("ä".repeat(8_191) + "x"), "state_too_large");
  assert.equal(counted("/".repeat(16_382)), undefined);
  assert.equal(counted("\n".repeat(8_192)), "state_too_large");
  assert.equal(counted(undefined), "state_data_required");
  const guest = await world.joined();
  assert.equal(codeOf(() => guest.setState(1)), "only_host_can_set_state");
  assert.equal(codeOf(() => guest.close()), "only_host_can_close");
});

inWorld("a state set while away is sent on return, and the relay's older one is no event", async (world) => {
  const room = await world.created();
  room.setState({ level: 1 });
  await world.pass(0);
  const events = record(room);
  world.socket.drop(1006);
  room.setState({ level: 2 });
  await world.pass(0);
  world.socket.open();
  world.socket.say({ ...seat, index: 0, peers: [1] });
  world.socket.say({ type: "state", data: { level: 1 } });
  await world.pass(100);
  assert.deepEqual(world.socket.of("set_state"), [{ type: "set_state", data: { level: 2 } }]);
  assert.deepEqual(room.state, { level: 2 });
  assert.equal(events.some(([name]) => name === "state"), false);
});

inWorld("the host's state is sent on every return, since the relay may not have got it", async (world) => {
  const room = await world.created();
  room.setState({ level: 1 });
  await world.pass(1_000);
  await world.returned({ index: 0 });
  assert.deepEqual(world.socket.of("set_state"), [{ type: "set_state", data: { level: 1 } }]);
});

inWorld("who was the host and comes back as a guest sets no state, and hears of the new host's", async (world) => {
  const room = await world.created();
  room.setState("old");
  await world.pass(1_000);
  const events = record(room);
  world.socket.drop(4000, "replaced");
  room.reconnect();
  await world.settle();
  world.socket.open();
  world.socket.say({ ...seat, index: 1, peers: [0] });
  world.socket.say({ type: "state", data: "new" });
  await world.pass(100);
  assert.deepEqual(world.socket.of("set_state"), []);
  assert.deepEqual(events.find(([name]) => name === "state"), ["state", "new"]);
  assert.deepEqual([room.isHost, room.state], [false, "new"]);
});

inWorld("a state that was about to be sent goes nowhere once another is the host", async (world) => {
  const room = await world.created();
  room.setState(1);
  await world.pass(0);
  room.setState(2);
  await world.returned({ index: 1, peers: [0] });
  await world.pass(100);
  assert.deepEqual(world.socket.of("set_state"), []);
});

// The end of a connection

inWorld("a lost connection is followed at once by another, pinned once, and then by code", async (world) => {
  const room = await world.joined();
  const events = record(room);
  const { clientId } = world.socket.sent[0];
  world.socket.drop(1006);
  assert.equal(room.connection, "reconnecting");
  await world.pass(0);
  assert.equal(world.socket.url, "wss://relay.example/ABC123?instance=m1");
  world.socket.drop(1006);
  await world.pass(250);
  assert.equal(world.socket.url, "wss://relay.example/ABC123");
  world.socket.open();
  assert.deepEqual(world.socket.sent, [{ type: "join", v: 3, clientId, room: "ABC123" }]);
  world.socket.say(seat);
  assert.equal(room.connection, "open");
  assert.deepEqual(events, [["disconnected", { code: 1006, reason: "" }], ["reconnected", { after: 250, attempts: 2 }]]);
});

inWorld("a relay without a name is not pinned", async (world) => {
  await world.joined({}, { instance: "" });
  world.socket.drop(1006);
  await world.pass(0);
  assert.equal(world.socket.url, "wss://relay.example/ABC123");
});

inWorld("a host comes back to its room", async (world) => {
  await world.created();
  const { clientId } = world.socket.sent[0];
  world.socket.drop(1006);
  await world.pass(0);
  world.socket.open();
  assert.deepEqual(world.socket.sent, [{ type: "join", v: 3, clientId, room: "ABC123" }]);
});

inWorld("a room that moves is followed at once, by code", async (world) => {
  const room = await world.joined();
  const events = record(room);
  const old = world.socket;
  old.say({ type: "moved" });
  assert.equal(room.send("late"), true);
  await world.pass(0);
  assert.equal(world.socket.url, "wss://relay.example/ABC123");
  assert.equal(old.closed, undefined);
  world.socket.open();
  world.socket.say({ ...seat, instance: "m2" });
  assert.deepEqual(world.socket.of("send"), [{ type: "send", data: "late" }]);
  assert.deepEqual(events.map(([name]) => name), ["moved", "disconnected", "reconnected"]);
  assert.deepEqual([room.instance, old.of("send")], ["m2", []]);
});

inWorld("who leaves a room that moves stays out", async (world) => {
  const room = await world.joined();
  room.on("moved", () => room.leave());
  world.socket.say({ type: "moved" });
  await world.pass(60_000);
  assert.deepEqual([room.connection, world.sockets.length], ["closed", 1]);
});

inWorld("what has changed meanwhile is told on return", async (world) => {
  const room = await world.joined({}, { peers: [0, 1, 3], away: [4] });
  const events = record(room);
  await world.returned({ peers: [0, 4, 5], away: [3] });
  assert.deepEqual(events.slice(2), [
    ["away", { index: 1, reason: undefined, held: false }], ["away", { index: 3, reason: undefined, held: true }],
    ["back", { index: 4 }], ["peer", { index: 5 }],
  ]);
  assert.deepEqual([room.peers, room.away], [[0, 4, 5], [1, 3]]);
});

for (const [closeCode, reason, code, final] of [
  [4000, "replaced", "replaced", false], [4001, "room closed", "room_closed", true], [4003, "kicked", "kicked", true],
]) {
  inWorld(`a close with ${closeCode} is the end`, async (world) => {
    const room = await world.joined();
    const events = record(room);
    world.socket.drop(closeCode, reason);
    await world.pass(600_000);
    const [[name, error]] = events;
    assert.deepEqual([name, error.code, error.final, error.closeCode], ["closed", code, final, closeCode]);
    assert.deepEqual([events.length, world.sockets.length, room.connection], [1, 1, "closed"]);
    assert.deepEqual([world.timerCount, world.listenerCount, room.send("x")], [0, 0, false]);
    room.reconnect();
    await world.pass(0);
    assert.equal(world.sockets.length, final ? 1 : 2);
  });
}

inWorld("a tab whose slot another tab has taken can take it back", async (world) => {
  const room = await world.joined();
  world.socket.drop(4000, "replaced");
  const events = record(room);
  room.reconnect();
  assert.equal(room.connection, "reconnecting");
  world.socket.open();
  world.socket.say(seat);
  assert.deepEqual([events[0][0], room.connection], ["reconnected", "open"]);
  world.socket.drop(1006);
  await world.pass(250);
  assert.equal(world.sockets.length, 3);
});

for (const [instance, waits] of [["m1", [0, 250, 2_200]], ["", [0, 2_200]]]) {
  inWorld(`a room of machine "${instance}" that is gone is given up after two agreeing answers by code`, async (world) => {
    const room = await world.joined({}, { instance });
    const events = record(room);
    world.socket.drop(1006);
    for (const wait of waits) {
      assert.equal(room.connection, "reconnecting");
      await world.pass(wait);
      world.socket.open();
      world.socket.say({ type: "error", message: "Room not found", code: "room_not_found" });
    }
    assert.deepEqual([events.length, events[1][0], events[1][1].code], [2, "closed", "room_not_found"]);
    assert.equal(world.sockets.length, 1 + waits.length);
  });
}

inWorld("a return gives up after three minutes, and can be tried again", async (world) => {
  const room = await world.joined();
  const events = record(room);
  const dropped = () => world.socket.readyState === 0 && world.socket.drop(1006);
  dropped();
  world.socket.drop(1006);
  for (let second = 0; second < 175; second += 1) {
    await world.pass(1_000);
    dropped();
  }
  assert.equal(room.connection, "reconnecting");
  await world.pass(10_000);
  dropped();
  assert.deepEqual([events[1][0], events[1][1].code, events[1][1].final], ["closed", "gave_up", false]);
  room.reconnect();
  dropped();
  await world.pass(1_000);
  assert.equal(room.connection, "reconnecting");
  world.socket.open();
  world.socket.say(seat);
  assert.equal(room.connection, "open");
});

inWorld("who leaves says so, and is out at once", async (world) => {
  const room = await world.joined();
  const events = record(room);
  room.leave();
  assert.deepEqual(world.socket.sent.pop(), { type: "leave" });
  assert.equal(world.socket.closed, 1000);
  assert.deepEqual([events[0][0], events[0][1].code, room.connection], ["closed", "left", "closed"]);
  room.leave();
  await world.pass(60_000);
  assert.deepEqual([events.length, world.sockets.length, world.timerCount], [1, 1, 0]);
});

inWorld("who leaves while away does not come back", async (world) => {
  const room = await world.joined();
  world.socket.drop(1006);
  room.leave();
  await world.pass(60_000);
  assert.deepEqual([world.sockets.length, world.timerCount, world.listenerCount], [1, 0, 0]);
});

inWorld("a listener that leaves the room, or fails, harms nothing", async (world) => {
  const failures = [];
  const tell = Promise.reject;
  Promise.reject = (error) => failures.push(error.message);
  try {
    const room = await world.joined();
    const events = record(room);
    room.on("message", () => {
      throw new Error("the game's own");
    });
    room.on("reconnected", () => room.leave());
    world.socket.say({ type: "message", from: 0, data: 1 });
    assert.deepEqual([failures, events.length], [["the game's own"], 1]);
    await world.returned({ peers: [5] });
    assert.deepEqual([room.connection, world.socket.closed, world.timerCount], ["closed", 1000, 0]);
    assert.equal(events[events.length - 1][0], "closed");
  } finally {
    Promise.reject = tell;
  }
});

// While away

inWorld("messages sent while away are kept in order, within bounds", async (world) => {
  const room = await world.joined();
  world.socket.drop(1006);
  assert.equal(room.send("too old"), true);
  await world.pass(6_000);
  for (const data of ["a", "b", "c"]) room.send(data);
  await world.pass(5_000);
  world.socket.open();
  world.socket.say(seat);
  assert.deepEqual(world.socket.of("send").map(({ data }) => data), ["a", "b", "c"]);
  world.socket.say({ type: "pong", t: world.now });
  await world.pass(5_000);
  world.socket.drop(1006);
  const large = (letter) => letter.repeat(30_000);
  assert.deepEqual(["d", "e", "f"].map((letter) => room.send(large(letter))), [true, true, true]);
  assert.equal(room.send("g".repeat(70_000)), false);
  await world.pass(0);
  world.socket.open();
  world.socket.say(seat);
  assert.deepEqual(world.socket.of("send").map(({ data }) => data[0]), ["e", "f"]);
});

inWorld("what was kept arrives before what listeners say on return", async (world) => {
  const room = await world.created();
  room.setState("old");
  await world.pass(1_000);
  for (const name of ["reconnected", "back", "peer", "away"]) room.on(name, () => room.send(name));
  world.socket.say({ type: "peer_joined", index: 1 });
  world.socket.drop(1006);
  room.send("kept");
  room.setState("new");
  await world.pass(0);
  world.socket.open();
  world.socket.say({ ...seat, index: 0, peers: [2] });
  assert.deepEqual(world.socket.sent.slice(1).map(({ data }) => data), ["kept", "new", "reconnected", "away", "peer", undefined]);
});

inWorld("by choice, messages sent while away are dropped", async (world) => {
  const room = await world.joined({ whileAway: "drop" });
  world.socket.drop(1006);
  assert.equal(room.send("x"), false);
  await world.pass(0);
  world.socket.open();
  world.socket.say(seat);
  assert.deepEqual(world.socket.of("send"), []);
});

inWorld("what is sent while the connection closes is kept", async (world) => {
  const room = await world.joined();
  world.socket.readyState = 2;
  room.send("x");
  await world.returned();
  assert.deepEqual(world.socket.of("send"), [{ type: "send", data: "x" }]);
});

// Liveness

inWorld("the round trip is measured on entering, and then only where nothing was heard", async (world) => {
  const room = await world.joined();
  const events = record(room);
  const pings = () => world.socket.of("ping");
  assert.equal(pings().length, 1);
  world.freeze(40);
  world.socket.say({ type: "pong", t: pings()[0].t });
  assert.deepEqual([room.rtt, events], [40, [["rtt", 40]]]);
  for (let turn = 0; turn < 20; turn += 1) {
    await world.pass(1_000);
    world.socket.say({ type: "message", from: 0, data: turn });
  }
  assert.equal(pings().length, 1);
  await world.pass(5_000);
  assert.equal(pings().length, 2);
  world.freeze(80);
  world.socket.say({ type: "pong", t: pings()[1].t });
  assert.equal(room.rtt, 50);
  world.socket.say({ type: "pong" });
  world.socket.say({ type: "pong", t: "x" });
  world.socket.say({ type: "pong", t: world.now + 1 });
  assert.equal(room.rtt, 50);
});

inWorld("even where much is heard, the round trip is measured twice a minute", async (world) => {
  await world.joined();
  const pong = () => world.socket.say({ type: "pong", t: world.socket.of("ping").pop().t });
  pong();
  for (let turn = 0; turn < 75; turn += 1) {
    await world.pass(1_000);
    pong();
  }
  assert.equal(world.socket.of("ping").length, 3);
});

inWorld("a relay that does not answer is left, without a goodbye before the next socket is in", async (world) => {
  const room = await world.joined();
  const events = record(room);
  const old = world.socket;
  await world.pass(4_999);
  assert.equal(room.connection, "open");
  await world.pass(1);
  assert.deepEqual([events, old.closed, world.sockets.length], [
    [["disconnected", { code: 1006, reason: "silent" }]], undefined, 2]);
  world.socket.open();
  assert.equal(old.closed, undefined);
  world.socket.say(seat);
  assert.equal(old.closed, 1000);
  old.say({ type: "message", from: 0, data: "late" });
  assert.deepEqual(events.length, 2);
});

inWorld("patience grows with each silence, and is as before after a good minute", async (world) => {
  const room = await world.joined();
  const untilLost = async () => {
    let seconds = 0;
    while (room.connection === "open") {
      await world.pass(1_000);
      seconds += 1;
    }
    world.socket.open();
    world.socket.say(seat);
    return seconds;
  };
  assert.deepEqual([await untilLost(), await untilLost(), await untilLost(), await untilLost(), await untilLost()], [5, 10, 20, 40, 40]);
  for (let turn = 0; turn < 130; turn += 1) {
    await world.pass(1_000);
    world.socket.say({ type: "pong", t: world.now });
  }
  const first = await untilLost();
  assert.ok(first <= 10, `${first} s`);
  assert.equal(await untilLost(), 10);
});

inWorld("as long as what was sent is leaving, the connection lives", async (world) => {
  const room = await world.joined();
  world.socket.say({ type: "pong", t: world.now });
  world.socket.bufferedAmount = 300_000;
  await world.pass(5_000);
  assert.equal(world.socket.of("ping").length, 2);
  world.socket.bufferedAmount = 200_000;
  await world.pass(5_000);
  world.socket.bufferedAmount = 100_000;
  await world.pass(5_000);
  assert.equal(room.connection, "open");
  await world.pass(5_000);
  assert.equal(room.connection, "reconnecting");
});

// The page

inWorld("a hidden page asks nothing; shown again, it asks at once and is less patient", async (world) => {
  const room = await world.joined();
  world.socket.say({ type: "pong", t: world.now });
  await world.hide();
  await world.pass(600_000);
  assert.deepEqual([world.socket.of("ping").length, room.connection], [1, "open"]);
  await world.show();
  world.fire("pageshow");
  world.fire("online");
  assert.equal(world.socket.of("ping").length, 2);
  await world.pass(2_500);
  assert.deepEqual([room.connection, world.sockets.length], ["reconnecting", 2]);
});

inWorld("a hidden page does not give up", async (world) => {
  const room = await world.joined();
  await world.hide();
  world.socket.drop(1006);
  for (let turn = 0; turn < 400; turn += 1) {
    if (world.socket.readyState === 0) world.socket.drop(1006);
    await world.pass(1_000);
  }
  assert.equal(room.connection, "reconnecting");
  const tried = world.sockets.length;
  await world.pass(600_000);
  assert.equal(world.sockets.length, tried);
  await world.show();
  assert.equal(world.sockets.length, tried + 1);
  world.socket.open();
  world.socket.say(seat);
  assert.equal(room.connection, "open");
});

inWorld("an offline device asks nothing and does not give up", async (world) => {
  const room = await world.joined();
  world.socket.say({ type: "pong", t: world.now });
  world.navigator.onLine = false;
  await world.pass(60_000);
  assert.equal(world.socket.of("ping").length, 1);
  world.socket.drop(1006);
  for (let turn = 0; turn < 400; turn += 1) {
    if (world.socket.readyState === 0) world.socket.drop(1006);
    await world.pass(1_000);
  }
  assert.equal(room.connection, "reconnecting");
  world.navigator.onLine = true;
  world.fire("online");
  world.socket.open();
  world.socket.say(seat);
  assert.equal(room.connection, "open");
});

inWorld("a page that is shown while it enters for the first time goes on with its attempt", async (world) => {
  joinRoom({ url, code: "ABC123" });
  await world.pass(2_000);
  world.fire("pageshow");
  assert.equal(world.sockets.length, 1);
});

for (const type of ["online", "pageshow", "visibilitychange"]) {
  inWorld(`${type} ends the wait for the next try`, async (world) => {
    await world.joined();
    world.socket.drop(1006);
    for (let turn = 0; turn < 6; turn += 1) {
      await world.pass(4_000);
      if (world.socket.readyState === 0) world.socket.drop(1006);
    }
    const tried = world.sockets.length;
    world.fire(type);
    assert.equal(world.sockets.length, tried + 1);
    world.fire(type);
    assert.equal(world.sockets.length, tried + 1);
    await world.pass(1_500);
    world.fire(type);
    assert.deepEqual([world.sockets.length, world.sockets[tried].closed], [tried + 2, null]);
  });
}

inWorld("a machine that slept reads before it judges", async (world) => {
  const room = await world.joined();
  world.freeze(3_600_000);
  await world.pass(0);
  assert.deepEqual([room.connection, world.socket.of("ping").length], ["open", 2]);
  world.socket.say({ type: "pong", t: world.socket.of("ping")[1].t });
  await world.pass(4_000);
  assert.equal(room.connection, "open");
});

inWorld("an entrance ends at its deadline, even if the machine slept", async (world) => {
  for (const act of [() => {}, () => world.socket.open()]) {
    const promise = rejection(joinRoom({ url, code: "ABC123" }));
    await world.settle();
    act();
    world.freeze(3_600_000);
    await world.pass(0);
    assert.ok(["unreachable", "timeout"].includes((await promise).code));
  }
});

inWorld("sleep costs nothing of the budget", async (world) => {
  const room = await world.joined();
  world.socket.drop(1006);
  await world.pass(0);
  world.socket.drop(1006);
  world.freeze(3_600_000);
  await world.pass(0);
  world.socket.drop(1006);
  await world.pass(1_000);
  assert.equal(room.connection, "reconnecting");
});

inWorld("a game can suspend its room, and resume it", async (world) => {
  const room = await world.joined();
  world.socket.say({ type: "pong", t: world.now });
  room.suspend();
  await world.pass(100_000);
  assert.equal(world.socket.of("ping").length, 1);
  world.socket.drop(1006);
  await world.pass(600_000);
  assert.equal(world.sockets.length, 1);
  room.resume();
  assert.equal(world.sockets.length, 2);
  world.socket.open();
  world.socket.say(seat);
  assert.equal(room.connection, "open");
});

inWorld("a try that is due while the room is suspended waits for its resumption", async (world) => {
  const room = await world.joined();
  world.socket.drop(1006);
  await world.pass(0);
  world.socket.drop(1006);
  room.suspend();
  await world.pass(60_000);
  assert.equal(world.sockets.length, 2);
  room.resume();
  assert.equal(world.sockets.length, 3);
  world.socket.open();
  world.socket.say(seat);
  assert.equal(room.connection, "open");
});

// Old relays

inWorld("an old relay is used with what it has", async (world) => {
  const room = await world.joined({}, oldSeat);
  const events = record(room);
  world.socket.sent = [];
  await world.pass(60_000);
  assert.deepEqual([world.socket.sent, room.connection], [[], "open"]);
  assert.deepEqual([room.protocol, room.maxClients, room.region, room.rtt, room.away], [2, undefined, undefined, undefined, []]);
  assert.equal(room.send("x", [0, 1]), true);
  assert.deepEqual(world.socket.sent, [{ type: "send", data: "x", to: 0 }, { type: "send", data: "x", to: 1 }]);
  for (const act of [() => room.kick(1), () => room.lock(true)]) assert.throws(act, { code: "not_supported", final: true });
  assert.equal((await rejection(room.ticket(1))).code, "not_supported");
  world.socket.say({ type: "peer_left", index: 1 });
  world.socket.say({ type: "peer_joined", index: 1 });
  world.socket.say({ type: "peer_joined", index: 7 });
  assert.deepEqual(events, [
    ["away", { index: 1, reason: undefined, held: false }], ["back", { index: 1 }], ["peer", { index: 7 }],
  ]);
});

inWorld("what an old relay tells only the host is still known after a return", async (world) => {
  const room = await world.created({}, { maxClients: undefined });
  await world.returned({ ...oldSeat, index: 0 });
  assert.deepEqual([room.region, room.instance, room.connection], ["ams", "m1", "open"]);
  await world.pass(5_000);
  world.socket.drop(1006);
  await world.pass(0);
  assert.equal(world.socket.url, "wss://relay.example/ABC123?instance=m1");
});

inWorld("an old relay's page is connected anew after a sleep, and not after a glance elsewhere", async (world) => {
  await world.joined({}, oldSeat);
  const old = world.socket;
  await world.hide();
  await world.pass(5_000);
  await world.show();
  assert.equal(world.sockets.length, 1);
  await world.hide();
  await world.pass(20_000);
  await world.show();
  await world.pass(250);
  assert.deepEqual([world.sockets.length, old.closed], [2, undefined]);
  world.socket.open();
  world.socket.say(oldSeat);
  assert.equal(old.closed, 1000);
});

for (const [message, code] of [
  ["Invalid JSON", "invalid_json"],
  ["Unknown message type", "unknown_message_type"],
  ["Server draining", "server_draining"],
  ["Server is full", "server_full"],
  ["Too many attempts", "too_many_attempts"],
  ["Already in a room", "already_in_room"],
  ["Not in a room", "not_in_room"],
  ["clientId is required", "client_id_required"],
  ["clientId is too long", "client_id_too_long"],
  ["maxClients must be a positive number", "max_clients_invalid"],
  ["room is required", "room_required"],
  ["Room not found", "room_not_found"],
  ["Room is full", "room_full"],
  ["Target peer not found", "target_not_found"],
  ["Only the host can set state", "only_host_can_set_state"],
  ["State data is required", "state_data_required"],
  ["State too large", "state_too_large"],
  ["Only the host can close the room", "only_host_can_close"],
  ["url must be a string", "url_invalid"],
  ["url too large", "url_too_large"],
  ["url must not contain spaces or control characters", "url_invalid"],
  ["Unknown url placeholder: {name is it}", "unknown_url_placeholder"],
  ["url has an unmatched placeholder brace", "url_invalid"],
  ["url is not a valid URL", "url_invalid"],
  ["url must be an https URL", "url_invalid"],
]) {
  inWorld(`an old relay's text ${JSON.stringify(message)} is ${code}`, async (world) => {
    const room = await world.joined({}, oldSeat);
    const events = record(room);
    world.socket.say({ type: "error", message });
    assert.deepEqual([events[0][1].code, events[0][1].message], [code, message]);
  });
}

inWorld("an old relay's refusals are understood", async (world) => {
  const promise = rejection(joinRoom({ url, code: "ABC123" }));
  await world.settle();
  world.socket.open();
  world.socket.say({ type: "error", message: "Room is full" });
  const { code, final } = await promise;
  assert.deepEqual([code, final], ["room_full", false]);
});

// Who one is

inWorld("a phone keeps its clientId for each room in localStorage, and a display in sessionStorage", async (world) => {
  const ids = async (enter, options) => {
    await enter.call(world, options);
    return world.socket.sent[0].clientId;
  };
  const first = await ids(world.joined);
  assert.equal(await ids(world.joined), first);
  world.storages.localStorage.items.clear();
  assert.notEqual(await ids(world.joined), first);
  assert.equal(world.storages.sessionStorage.items.size, 0);
  const host = await ids(world.created);
  assert.notEqual(await ids(world.created), host);
  assert.equal(world.storages.sessionStorage.items.size, 1);
  const elsewhere = await ids(world.joined, { url: "wss://other.example" });
  assert.notEqual(elsewhere, await ids(world.joined));
});

inWorld("a clientId has 128 bits of the secure generator, also where there is no secure context", async (world) => {
  const draw = crypto.getRandomValues;
  const subtle = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  const asked = [];
  const insecure = {
    getRandomValues(array) {
      asked.push(array.byteLength);
      return draw.call(subtle.value ?? subtle.get.call(globalThis), array);
    },
  };
  Object.defineProperty(globalThis, "crypto", { value: insecure, configurable: true });
  try {
    const ids = new Set();
    for (let turn = 0; turn < 50; turn += 1) {
      await world.joined({ storage: null });
      ids.add(world.socket.sent[0].clientId);
    }
    assert.deepEqual([ids.size, new Set(asked)], [50, new Set([16])]);
  } finally {
    Object.defineProperty(globalThis, "crypto", subtle);
  }
});

inWorld("a code typed in another case leads to the same clientId", async (world) => {
  await world.joined({ code: "abc123" });
  const { clientId } = world.socket.sent[0];
  await world.joined({ code: "ABC123" });
  assert.equal(world.socket.sent[0].clientId, clientId);
});

inWorld("a phone that has been in a room believes only the second answer that there is none", async (world) => {
  (await world.joined()).suspend();
  await world.settle();
  const promise = rejection(joinRoom({ url, code: "ABC123" }));
  for (const wait of [0, 2_200]) {
    await world.pass(wait);
    world.socket.open();
    world.socket.say({ type: "error", message: "Room not found", code: "room_not_found" });
  }
  assert.equal((await promise).code, "room_not_found");
  assert.equal(world.sockets.length, 3);
});

inWorld("the clientId is kept where it is told to, or nowhere", async (world) => {
  const storage = { text: null, async getItem() { return this.text; }, async setItem(_, text) { this.text = text; } };
  await world.joined({ storage });
  const { clientId } = world.socket.sent[0];
  await world.settle();
  await world.joined({ storage });
  assert.equal(world.socket.sent[0].clientId, clientId);
  await world.joined({ storage: null });
  assert.notEqual(world.socket.sent[0].clientId, clientId);
  await world.joined({ clientId: "mine" });
  assert.equal(world.socket.sent[0].clientId, "mine");
  assert.equal(world.storages.localStorage.items.size, 0);
  await world.joined({ clientId: "mine", storage });
  await world.settle();
  await world.joined({ storage });
  assert.equal(world.socket.sent[0].clientId, "mine");
});

for (const [name, breakIt] of [
  ["that throws", (storage) => { storage.getItem = storage.setItem = () => { throw new Error("denied"); }; }],
  ["that is full", (storage) => { storage.setItem = () => { throw new Error("quota"); }; }],
  ["with something else in it", (storage) => { storage.items.set("party-sockets", "null"); }],
  ["with half a text in it", (storage) => { storage.items.set("party-sockets", "{"); }],
]) {
  inWorld(`storage ${name} is as good as none`, async (world) => {
    breakIt(world.storages.localStorage);
    const room = await world.joined();
    await world.returned();
    assert.equal(room.connection, "open");
  });
}

for (const value of [null, 5, "text", []]) {
  inWorld(`a kept room that is ${JSON.stringify(value)} is as good as none`, async (world) => {
    for (const storage of Object.values(world.storages)) {
      storage.setItem("party-sockets", JSON.stringify({ "wss://relay.example/abc123": value }));
    }
    assert.equal((await world.joined()).connection, "open");
    assert.match(world.socket.sent[0].clientId, /^(\d+-){3}\d+$/);
    const room = await world.created({ resume: true });
    assert.deepEqual([room.resumed, world.socket.sent[0].type], [false, "create"]);
  });
}

inWorld("storage that may not even be named is as good as none", async (world) => {
  Object.defineProperty(world.storages, "localStorage", { get: () => { throw new Error("SecurityError"); } });
  assert.equal((await world.joined()).connection, "open");
});

inWorld("the clientIds of the latest 32 rooms are kept, and none of a room that is over", async (world) => {
  const kept = () => Object.keys(JSON.parse(world.storages.localStorage.getItem("party-sockets")));
  for (let room = 100; room < 140; room += 1) await world.joined({ code: `ROM${room}` }, { room: `ROM${room}` });
  await world.settle();
  assert.equal(kept().length, 32);
  assert.ok(kept()[31].endsWith("/rom139"));
  const ends = [(room) => room.leave(), () => world.socket.drop(4001), () => world.socket.drop(4003), () => world.socket.drop(4000)];
  const left = [];
  for (const end of ends) {
    const room = await world.joined();
    await world.settle();
    end(room);
    await world.settle();
    left.push(kept().some((name) => name.endsWith("/abc123")));
  }
  assert.deepEqual(left, [false, false, true, true]);
});

inWorld("outside a page each room has a clientId of its own", async (world) => {
  await world.joined();
  const { clientId } = world.socket.sent[0];
  await world.joined();
  assert.notEqual(world.socket.sent[0].clientId, clientId);
}, { hasPage: false });

// A display that is loaded again

inWorld("a display that is loaded again returns to its room", async (world) => {
  await world.created({ resume: true });
  const { clientId } = world.socket.sent[0];
  await world.settle();
  const promise = createRoom({ url, resume: true });
  await world.settle();
  assert.equal(world.socket.url, "wss://relay.example/ABC123");
  world.socket.open();
  assert.deepEqual(world.socket.sent[0], { type: "join", v: 3, clientId, room: "ABC123" });
  world.socket.say({ ...seat, index: 0, peers: [1] });
  world.socket.say({ type: "state", data: "before" });
  const room = await promise;
  assert.deepEqual([room.resumed, room.isHost, room.peers, room.state], [true, true, [1], "before"]);
  await world.settle();
  world.socket.drop(1006);
  const again = createRoom({ url, resume: true });
  await world.settle();
  assert.equal(world.socket.url, "wss://relay.example/ABC123");
  world.socket.open();
  world.socket.say({ ...seat, index: 0, peers: [1] });
  assert.equal((await again).resumed, true);
});

inWorld("a display returns to the room that it has created, and to none in which it was a guest, or elsewhere", async (world) => {
  const storage = world.storages.localStorage;
  (await world.created({ storage })).suspend();
  await world.settle();
  (await world.joined({ storage, code: "XYZ789" }, { room: "XYZ789" })).suspend();
  await world.settle();
  (await world.created({ storage, url: "wss://other.example" }, { room: "QRS456" })).suspend();
  await world.settle();
  createRoom({ url, storage, resume: true });
  await world.settle();
  assert.equal(world.socket.url, "wss://relay.example/ABC123");
});

inWorld("a display whose room is gone gets a new one, within one deadline", async (world) => {
  await world.created({ resume: true });
  await world.settle();
  const promise = createRoom({ url, resume: true });
  for (const wait of [0, 2_200]) {
    await world.pass(wait);
    world.socket.open();
    world.socket.say({ type: "error", message: "Room not found", code: "room_not_found" });
  }
  await world.settle();
  world.socket.open();
  assert.equal(world.socket.sent[0].type, "create");
  world.socket.say({ type: "created", room: "NEW123", index: 0, instance: "", region: "", maxClients: 8, hold: 0 });
  const room = await promise;
  assert.deepEqual([room.code, room.resumed], ["NEW123", false]);
});

inWorld("a display that cannot reach its room does not leave it for another", async (world) => {
  (await world.created({ resume: true })).suspend();
  await world.settle();
  const promise = rejection(createRoom({ url, resume: true }));
  await world.pass(10_000);
  assert.equal((await promise).code, "unreachable");
  assert.ok(world.sockets.slice(1).every(({ url }) => url === "wss://relay.example/ABC123"));
});

inWorld("a new room is a new room where nothing else is asked for", async (world) => {
  await world.created();
  await world.settle();
  await world.created();
  assert.equal(world.socket.sent[0].type, "create");
});

// The address for phones

for (const [controllerUrl, sent, told, joinUrl] of [
  [undefined, undefined, undefined, "https://game.example/play/index.html?room=ABC123"],
  ["https://g.example/{room}", "https://g.example/{room}", "https://g.example/ABC123", "https://g.example/ABC123"],
  ["http://localhost:3000/#{room}", undefined, undefined, "http://localhost:3000/#ABC123"],
  ["http://192.168.1.5/#{room}-{instance}", undefined, undefined, "http://192.168.1.5/#ABC123-m1"],
]) {
  inWorld(`a controllerUrl of ${controllerUrl} leads phones to ${joinUrl}`, async (world) => {
    const room = await world.created({ controllerUrl }, { url: told });
    assert.equal(world.socket.sent[0].url, sent);
    assert.equal(room.joinUrl, joinUrl);
  });
}

inWorld("a guest knows the address that the relay tells", async (world) => {
  assert.equal((await world.joined({}, { url: "https://g.example/ABC123" })).joinUrl, "https://g.example/ABC123");
});

inWorld("outside a page there is no address but a given one", async (world) => {
  assert.equal((await world.joined()).joinUrl, undefined);
  assert.equal((await world.created({ controllerUrl: "http://tv.example/{room}" })).joinUrl, "http://tv.example/ABC123");
}, { hasPage: false });
