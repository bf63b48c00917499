// The client that is tested: its sources, or what CLIENT names, which is the file that relays serve.
const { CLIENT, HAND_IN } = globalThis.process?.env ?? {};
export const { createRoom, joinRoom, PartyError, verdicts } = await import(
  CLIENT ?? "../../Sources/party-sockets-js/source/client.js"
);

// The WebSocket to hand in where the platform has none of its own, such as Node 20.
export const { WebSocket } = globalThis;
if (HAND_IN) delete globalThis.WebSocket;
