// A client of a Party-Sockets relay: rooms that outlive their connections. All is documented in `client.d.ts`.

import { Keys } from "./Keys.js";
import { PartyError } from "./PartyError.js";
import { Plan } from "./Plan.js";
import { Room } from "./Room.js";
import { verdicts } from "./verdicts.js";

export { PartyError, verdicts };

export async function createRoom(options = {}) {
  const { maxClients = 8, hold, controllerUrl, resume, clientId = drawn() } = options;
  const { keys, enter } = doorOf(options, "sessionStorage");
  const latest = resume && (await keys.latest());
  if (latest) {
    try {
      const room = await enter({ type: "join", v: 3, clientId: latest.clientId, room: latest.code }, latest);
      room.resumed = true;
      return room;
    } catch (error) {
      if (!error.final) throw error;
    }
  }
  // Relays refuse other addresses, which are filled in here alone.
  const url = /^https:/i.test(controllerUrl) ? controllerUrl : undefined;
  return enter({ type: "create", v: 3, clientId, maxClients, hold, url });
}

export async function joinRoom(options) {
  const { keys, enter } = doorOf(options, "localStorage");
  const room = String(options.code).trim();
  const kept = await keys.find(room);
  const clientId = options.clientId ?? kept?.clientId ?? drawn();
  return enter({ type: "join", v: 3, clientId, room, ticket: options.ticket }, kept);
}

/** What a relay is entered through: the clientIds for its rooms, and `enter`, all of whose calls share one deadline. */
function doorOf(options, area) {
  const { url, signal, budget, timeout = 10_000, WebSocket = globalThis.WebSocket } = options;
  const base = relayAddress(url);
  const keys = new Keys(options, area, base);
  const deadline = performance.now() + timeout;

  const enter = async (request, known) => {
    if (signal?.aborted) throw new PartyError("aborted");
    if (!WebSocket) throw new PartyError("no_websocket", { final: true });
    const plan = new Plan({ deadline, budget, known });
    const room = await new Promise((resolve, reject) => {
      new Room(options, plan, { base, WebSocket, request }, { resolve, reject });
    });
    const { code, isHost } = room;
    keys.keep(code, { code, isHost, clientId: request.clientId });
    room.on("closed", (error) => {
      if (/^(room_not_found|room_closed|left)$/.test(error.code)) keys.keep(code);
    });
    return room;
  };
  return { keys, enter };
}

/** With a slash at the end. */
function relayAddress(given) {
  try {
    const url = new URL(String(given ?? new URL(".", import.meta.url)).replace(/^http/i, "ws"));
    url.pathname = url.pathname.replace(/\/*$/, "/");
    url.hash = "";
    return url.href;
  } catch ({ message }) {
    throw new PartyError("invalid_url", { message, final: true });
  }
}

/** 128 random bits. Unlike `randomUUID`, this works on a page without TLS. */
function drawn() {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}
