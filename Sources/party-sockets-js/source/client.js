// A client of a Party-Sockets relay: rooms that outlive their connections. All is documented in `client.d.ts`.

import { Keys } from "./Keys.js";
import { PartyError } from "./PartyError.js";
import { Plan } from "./Plan.js";
import { Room } from "./Room.js";
import { verdicts } from "./verdicts.js";

export { PartyError, verdicts };

export async function createRoom(options = {}) {
  const { maxClients = 8, hold, controllerUrl, resume, clientId = drawn() } = options;
  const door = new Door(options, "sessionStorage");
  const latest = resume && (await door.keys.latest());
  if (latest) {
    try {
      const room = await door.enter({ type: "join", v: 3, clientId: latest.clientId, room: latest.code }, true);
      return Object.assign(room, { resumed: true });
    } catch (error) {
      if (!error.final) throw error;
    }
  }
  // Relays refuse other addresses, which are filled in here alone.
  const url = /^https:/i.test(controllerUrl) ? controllerUrl : undefined;
  return door.enter({ type: "create", v: 3, clientId, maxClients, hold, url });
}

export async function joinRoom(options) {
  const door = new Door(options, "localStorage");
  const room = String(options.code).trim();
  const kept = await door.keys.find(room);
  const clientId = options.clientId ?? kept?.clientId ?? drawn();
  return door.enter({ type: "join", v: 3, clientId, room, ticket: options.ticket }, !!kept);
}

/** What a relay is entered through: its address, the clientIds for its rooms, and the deadline. */
class Door {
  constructor(options, area) {
    this.options = options;
    this.base = relayAddress(options.url);
    this.keys = new Keys(options, area, this.base);
    this.deadline = performance.now() + (options.timeout ?? 10_000);
  }

  async enter(request, known) {
    const { options, base, keys, deadline } = this;
    const { signal, budget, WebSocket = globalThis.WebSocket } = options;
    if (signal?.aborted) throw new PartyError("aborted");
    if (!WebSocket) throw new PartyError("no_websocket", { final: true });
    const plan = new Plan({ deadline, budget, known });
    const room = await new Promise((resolve, reject) => {
      new Room(options, plan, { base, WebSocket, request }, { resolve, reject });
    });
    const { code, isHost } = room;
    keys.keep({ clientId: request.clientId, code, isHost });
    room.on("closed", (error) => {
      if (["room_not_found", "room_closed", "left"].includes(error.code)) keys.forget(code);
    });
    return room;
  }
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
