// How a game uses the client: it is compiled and not run, so that the declarations are right.

import { CreateOptions, JoinOptions, PartyError, Room, createRoom, joinRoom, verdicts } from "../../Sources/party-sockets-js/client.js";

interface Press {
  button: "A" | "B";
}

interface Board {
  level: number;
}

export async function display(url: string): Promise<Room<Press, Board>> {
  const options: CreateOptions = { url, maxClients: 5, hold: 30, resume: true, controllerUrl: "https://game.example/{room}" };
  const room = await createRoom<Press, Board>(options);
  const off: () => void = room.on("message", ({ from, data }) => {
    const button: "A" | "B" = data.button;
    room.send(button, from);
    room.send({ all: true });
    room.send({ some: true }, room.peers);
  });
  room.on("peer", ({ index }) => room.kick(index, { ban: true }));
  room.on("away", ({ index, reason, held }) => console.log(index.toFixed(), reason === "lost", held === true));
  room.on("gone", ({ reason }) => console.log(reason === "kicked"));
  room.on("rtt", (milliseconds) => console.log(milliseconds.toFixed()));
  room.on("moved", () => off());
  room.on("closed", (error) => console.log(error.code, error.final, error.closeCode?.toFixed(), error.retryAfter?.toFixed()));
  room.setState({ level: 1 });
  room.lock(true);
  const ticket: string = await room.ticket(1);
  console.log(ticket, room.joinUrl?.length, room.state?.level, room.connection === "reconnecting", room.protocol === 3);
  return room;
}

export async function phone(options: JoinOptions): Promise<void> {
  try {
    const room = await joinRoom<string, Board>({ ...options, whileAway: "drop", storage: localStorage, WebSocket });
    const { level } = await room.once("state");
    const { after, attempts } = await room.once("reconnected");
    console.log(level.toFixed(), after + attempts);
    room.suspend();
    room.resume();
    room.reconnect();
    room.leave();
  } catch (error) {
    if (error instanceof PartyError && !error.final) console.log(verdicts.errors[error.code]?.wait);
  }
}

export function mistakes(room: Room<Press, Board>): void {
  // @ts-expect-error: there is no such event
  room.on("mesage", () => {});
  // @ts-expect-error: the state is a board
  room.setState({ level: "1" });
  // @ts-expect-error: a code can only be read
  room.code = "ABC123";
  // @ts-expect-error: a code is needed
  void joinRoom({ url: "wss://relay.example" });
  // @ts-expect-error: slots are numbers
  room.send({}, "1");
}
