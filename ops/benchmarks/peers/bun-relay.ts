// The relay's protocol on Bun.serve, with its publish/subscribe for what goes to a whole room: the peer of the benchmarks.
// It has what the load needs (create, join, send, set_state, one's slot back by clientId), and no limit, metric or drain
// to pay for.
import type { ServerWebSocket } from "bun";

type Member = { room?: Room; slot: number };
type Socket = ServerWebSocket<Member>;
type Room = { code: string; places: number; slots: Map<string, number>; sockets: Map<number, Socket>; state?: string };
type Message = { type?: unknown; clientId?: unknown; maxClients?: unknown; room?: unknown; to?: unknown; data?: unknown };

const DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const rooms = new Map<string, Room>();

function unusedCode(): string {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  let code = "";
  for (let rest = (high % 8) * 2 ** 32 + low; code.length < 6; rest = Math.floor(rest / 58)) code = DIGITS[rest % 58] + code;
  return rooms.has(code) ? unusedCode() : code;
}

const answer = (socket: Socket, message: object) => void socket.send(JSON.stringify(message));
const refuse = (socket: Socket, message: string) => answer(socket, { type: "error", message });

function seat(socket: Socket, room: Room, slot: number) {
  socket.data = { room, slot };
  room.sockets.set(slot, socket);
  socket.subscribe(room.code);
}

function create(socket: Socket, { clientId, maxClients }: Message) {
  if (socket.data.room) return refuse(socket, "Already in a room");
  if (typeof clientId !== "string" || clientId === "") return refuse(socket, "clientId is required");
  if (typeof maxClients !== "number" || maxClients < 1) return refuse(socket, "maxClients must be a positive number");
  const room: Room = { code: unusedCode(), places: maxClients, slots: new Map([[clientId, 0]]), sockets: new Map() };
  rooms.set(room.code, room);
  seat(socket, room, 0);
  answer(socket, { type: "created", room: room.code, instance: "", region: "", index: 0 });
}

function join(socket: Socket, { clientId, room: code }: Message) {
  if (socket.data.room) return refuse(socket, "Already in a room");
  if (typeof clientId !== "string" || clientId === "") return refuse(socket, "clientId is required");
  if (typeof code !== "string" || code === "") return refuse(socket, "room is required");
  const room = rooms.get(code);
  if (!room) return refuse(socket, "Room not found");
  const slot = room.slots.get(clientId) ?? room.slots.size;
  const replaced = room.sockets.get(slot);
  if (!replaced && room.sockets.size >= room.places) return refuse(socket, "Room is full");
  if (replaced) {
    replaced.data = { slot: -1 };
    replaced.unsubscribe(code);
    replaced.close(4000, "replaced");
  }
  room.slots.set(clientId, slot);
  seat(socket, room, slot);
  const peers = [...room.sockets.keys()].filter((other) => other !== slot).sort((a, b) => a - b);
  answer(socket, { type: "joined", room: code, index: slot, peers });
  if (room.state !== undefined) socket.send(room.state);
  if (!replaced) socket.publish(code, JSON.stringify({ type: "peer_joined", index: slot }));
}

function send(socket: Socket, { data, to }: Message) {
  const { room, slot } = socket.data;
  if (!room) return refuse(socket, "Not in a room");
  const text = JSON.stringify({ type: "message", from: slot, data });
  if (to === undefined) return void socket.publish(room.code, text);
  const target = room.sockets.get(to as number);
  if (!target) return refuse(socket, "Target peer not found");
  target.send(text);
}

function setState(socket: Socket, { data }: Message) {
  const { room, slot } = socket.data;
  if (!room) return refuse(socket, "Not in a room");
  if (slot !== 0) return refuse(socket, "Only the host can set state");
  if (data === undefined) return refuse(socket, "State data is required");
  const text = JSON.stringify(data);
  if (Buffer.byteLength(text) > 16_384) return refuse(socket, "State too large");
  room.state = `{"type":"state","data":${text}}`;
  socket.publish(room.code, room.state);
}

function leave(socket: Socket) {
  const { room, slot } = socket.data;
  if (!room) return;
  room.sockets.delete(slot);
  if (room.sockets.size === 0) rooms.delete(room.code);
  else server.publish(room.code, JSON.stringify({ type: "peer_left", index: slot }));
}

function receive(socket: Socket, text: string | Buffer) {
  let message: Message;
  try { message = JSON.parse(text as string); } catch { return refuse(socket, "Invalid JSON"); }
  switch (message?.type) {
    case "send": return send(socket, message);
    case "set_state": return setState(socket, message);
    case "create": return create(socket, message);
    case "join": return join(socket, message);
    default: return refuse(socket, "Unknown message type");
  }
}

const server = Bun.serve<Member, never>({
  hostname: process.env.HOST,
  port: process.env.PORT,
  development: false,
  fetch(request, server) {
    if (new URL(request.url).pathname === "/health") return Response.json({ status: "ok" });
    if (server.upgrade(request, { data: { slot: -1 } })) return;
    return new Response(`rooms: ${rooms.size}\n`);
  },
  websocket: { idleTimeout: 10, sendPings: true, perMessageDeflate: false, message: receive, close: leave },
});
