// The client that is tested: its sources, or what CLIENT names, which is the file that relays serve.
const { CLIENT } = globalThis.process?.env ?? {};
export const { createRoom, joinRoom, PartyError, verdicts } = await import(
  CLIENT ?? "../../Sources/party-sockets-js/source/client.js"
);
