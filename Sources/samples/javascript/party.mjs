// A display, or a controller whose buttons are lines that you type, for Bun, Deno and Node 22 or newer
// (Node 20: node --experimental-websocket).
//
//     bun party.mjs display ws://127.0.0.1:3000              Ctrl-D closes the room
//     bun party.mjs controller ws://127.0.0.1:3000 CODE      Ctrl-D leaves it
//
// Each press counts one point. The display keeps the points, and shares them as the room's state.
import process from "node:process";
import { createInterface } from "node:readline";

import { createRoom, joinRoom } from "../../party-sockets-js/client.js";

const [role, url, code] = process.argv.slice(2);
if (!url || role !== (code ? "controller" : "display")) {
  console.error("party.mjs display URL\nparty.mjs controller URL CODE");
  process.exit(64);
}
const tell = (text) => process.stdout.write(`${text}\n`);

/** What both tell of the connection. The client comes back by itself. */
function follow(room) {
  room.on("disconnected", () => tell("away"));
  room.on("reconnected", () => tell("back"));
  room.on("closed", (reason) => {
    tell(reason.code);
    process.exit();
  });
}

async function display() {
  // Until all phones are back, their places are kept for them for half a minute.
  const room = await createRoom({ url, maxClients: 8, hold: 30 });
  follow(room);
  tell(`room ${room.code}`);
  const points = {};
  room.on("message", ({ from, data }) => {
    // Anybody with the code can send anything, and a listener that throws ends a Node process.
    if (typeof data?.button !== "string") return;
    points[from] = (points[from] ?? 0) + 1;
    tell(`player ${from} pressed ${data.button}: ${points[from]}`);
    room.setState({ points });
  });
  room.on("gone", ({ index }) => tell(`player ${index} has left`));
  for await (const _ of createInterface(process.stdin));
  room.close();
}

async function controller() {
  const room = await joinRoom({ url, code });
  follow(room);
  tell(`player ${room.index}`);
  room.on("state", (state) => tell(`points: ${state?.points?.[room.index] ?? 0}`));
  for await (const line of createInterface(process.stdin)) room.send({ button: line.trim() }, 0);
  room.leave();
}

try {
  await { display, controller }[role]();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
