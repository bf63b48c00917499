// A relay that says what its script tells. The first part of the path names the script; the port is printed.
//
//   old               what the original says: no answer knows of the additions
//   close-CODE        the first connection of a room is closed with CODE, the next ones stay
//   garbage           what no relay would say, and then a message
//   status-CODE       the upgrade is refused with this status, the first two times
//   torn              the first connection breaks the protocol of WebSockets
//   mute              nothing is ever answered

import { createHash } from "node:crypto";
import { createServer } from "node:http";

/** One side of a WebSocket: frames up to 64 KiB, none in fragments, which is all that the tests need. */
class Peer {
  #bytes = Buffer.alloc(0);

  constructor(socket, key) {
    this.socket = socket;
    const accept = createHash("sha1").update(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on("data", (bytes) => this.#read(bytes));
    socket.on("error", () => {});
    socket.on("close", () => this.onclose?.());
  }

  say(message) {
    this.frame(0x1, Buffer.from(typeof message === "string" ? message : JSON.stringify(message)));
  }

  close(code, reason) {
    const body = Buffer.alloc(2);
    body.writeUInt16BE(code);
    this.frame(0x8, Buffer.concat([body, Buffer.from(reason)]));
    this.socket.end();
  }

  frame(opcode, body) {
    const long = body.length > 125;
    const head = Buffer.alloc(long ? 4 : 2);
    head[0] = 0x80 | opcode;
    head[1] = long ? 126 : body.length;
    if (long) head.writeUInt16BE(body.length, 2);
    if (this.socket.writable) this.socket.write(Buffer.concat([head, body]));
  }

  #read(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (;;) {
      const buffer = this.#bytes;
      if (buffer.length < 6) return;
      const long = (buffer[1] & 0x7f) === 126;
      const start = long ? 8 : 6;
      if (buffer.length < start) return;
      const length = long ? buffer.readUInt16BE(2) : buffer[1] & 0x7f;
      if (buffer.length < start + length) return;
      const body = Buffer.from(buffer.subarray(start, start + length));
      for (let index = 0; index < length; index += 1) body[index] ^= buffer[start - 4 + (index % 4)];
      this.#bytes = buffer.subarray(start + length);
      const opcode = buffer[0] & 0xf;
      if (opcode === 1) this.onmessage?.(JSON.parse(body));
      if (opcode === 8) this.socket.end();
      if (opcode === 9) this.frame(0xa, body);
    }
  }
}

/** The original: rooms with slots, and nothing of what came later. */
const original = new Map();

function playOriginal(peer) {
  let room, own;
  const others = () => [...room.members].filter(([slot]) => slot !== own);
  const fail = (message) => peer.say(`{"type":"error","message":"${message}"}`);
  const enter = (clientId) => {
    if (!room.slots.includes(clientId)) room.slots.push(clientId);
    own = room.slots.indexOf(clientId);
    const before = room.members.get(own);
    room.members.set(own, peer);
    if (before) before.close(4000, "replaced");
    return !before;
  };
  peer.onclose = () => {
    if (room?.members.get(own) !== peer) return;
    room.members.delete(own);
    for (const [, member] of room.members) member.say(`{"type":"peer_left","index":${own}}`);
  };
  const acts = {
    create({ clientId, maxClients }) {
      const code = Math.random().toString(36).slice(2, 8).replace(/[0lio]/g, "x").padEnd(6, "x");
      room = { code, maxClients, slots: [], members: new Map() };
      original.set(code, room);
      enter(clientId);
      peer.say(`{"type":"created","room":"${code}","instance":"i1","region":"ams","index":0}`);
    },
    join({ clientId, room: code }) {
      if (!original.has(code)) return fail("Room not found");
      room = original.get(code);
      const isSeated = room.members.has(room.slots.indexOf(clientId));
      if (!isSeated && room.members.size >= room.maxClients) return fail("Room is full");
      const isNew = enter(clientId);
      peer.say(`{"type":"joined","room":"${code}","index":${own},"peers":[${others().map(([slot]) => slot).sort()}]}`);
      if (room.state !== undefined) peer.say(`{"type":"state","data":${room.state}}`);
      if (isNew) for (const [, member] of others()) member.say(`{"type":"peer_joined","index":${own}}`);
    },
    send({ data, to }) {
      const text = `{"type":"message","from":${own},"data":${JSON.stringify(data)}}`;
      if (to === undefined) for (const [, member] of others()) member.say(text);
      else if (room.members.has(to)) room.members.get(to).say(text);
      else fail("Target peer not found");
    },
    set_state({ data }) {
      room.state = JSON.stringify(data);
      for (const [, member] of others()) member.say(`{"type":"state","data":${room.state}}`);
    },
    close_room() {
      original.delete(room.code);
      for (const [, member] of room.members) member.close(4001, "room closed");
      room.members.clear();
    },
  };
  peer.onmessage = (message) => (acts[message.type] ?? (() => fail("Unknown message type")))(message);
}

const seat = (room, index) => ({
  type: "joined", room, index, peers: [0], instance: "i1", region: "ams", maxClients: 8, hold: 0, away: [],
});

/** How often each path was connected to. */
const visits = new Map();

const scripts = {
  old: playOriginal,
  mute() {},
  close(peer, visit, code) {
    peer.onmessage = ({ type, room }) => {
      if (type !== "join") return;
      peer.say(seat(room, 1));
      if (visit === 1) peer.close(Number(code), `reason ${code}`);
    };
  },
  torn(peer, visit) {
    peer.onmessage = ({ type, room }) => {
      if (type !== "join") return;
      peer.say(seat(room, 1));
      if (visit === 1) peer.frame(0x7, Buffer.from("?"));
    };
  },
  garbage(peer) {
    peer.onmessage = ({ type, room }) => {
      if (type !== "join") return;
      for (const text of ["", "}", "null", '"joined"', "[[[", '{"type":"joined"', '{"type":{}}']) peer.say(text);
      peer.frame(0x2, Buffer.from([0xff, 0x00]));
      peer.say(seat(room, 1));
      for (const text of ["", "{", "null", '{"type":null}', '{"type":"closed"}', '{"type":"__proto__"}']) peer.say(text);
      peer.frame(0x2, Buffer.from([0xff, 0x00]));
      peer.say({ type: "message", from: 0, data: "sense" });
    };
  },
};

const server = createServer((request, response) => response.writeHead(404).end());
server.on("upgrade", (request, socket) => {
  const path = request.url.replace(/\?.*/, "");
  const visit = (visits.get(path) ?? 0) + 1;
  visits.set(path, visit);
  const [name, detail] = path.split("/")[1].split("-");
  if (name === "status" && visit <= 2) return socket.end(`HTTP/1.1 ${detail} No\r\nContent-Length: 0\r\nRetry-After: 1\r\n\r\n`);
  const play = name === "status" ? scripts.close : scripts[name];
  play(new Peer(socket, request.headers["sec-websocket-key"]), name === "status" ? 0 : visit, detail);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
