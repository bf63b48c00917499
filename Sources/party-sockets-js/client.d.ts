/**
 * A client of a Party-Sockets relay: rooms for a shared screen and the phones that play on it.
 *
 * A room outlives its connections. The client keeps the player's secret `clientId`, and comes back to the same slot
 * whenever a connection ends for a reason that is not final; the game only hears of it.
 */

/** Opens a new room. Its creator is the host, slot 0. */
export function createRoom<Message = any, State = any>(options?: CreateOptions): Promise<Room<Message, State>>;

/** Takes a slot in a room, or one's own slot again. */
export function joinRoom<Message = any, State = any>(options: JoinOptions): Promise<Room<Message, State>>;

export interface Options {
  /**
   * The relay's address: `wss:`, `ws:`, `https:` or `http:`. By default the one that served this module, so a page that
   * imports `https://relay.example/client.js` names it once.
   */
  url?: string | URL;
  /** How long `createRoom` or `joinRoom` may take, in milliseconds; 10,000 by default. */
  timeout?: number;
  /** Ends `createRoom` or `joinRoom` with the code `aborted`; once the room is there it does nothing. */
  signal?: AbortSignal;
  /**
   * How long to try to come back after a connection has ended, in milliseconds; 180,000 by default. While the page is
   * hidden or the device is offline, the room is never given up.
   */
  budget?: number;
  /**
   * What happens to messages sent while the connection is away. `keep` (the default) sends them on return: those of the
   * last 10 seconds, 64 KiB at most, the oldest dropped first. Most absences end within a second, and a press of a
   * button that is lost is worse than one that is late. `drop` suits streams of positions, where only the latest counts.
   */
  whileAway?: "keep" | "drop";
  /**
   * Where the `clientId` of each room is kept. By default a display's is in `sessionStorage` and a phone's in
   * `localStorage`; outside a page in memory, for the one room. `null` keeps it nowhere.
   */
  storage?: RoomStorage | null;
  /**
   * The `clientId` itself, which is then kept nowhere but in a `storage` that is given. A secret: who knows it can take
   * the slot.
   */
  clientId?: string;
  /** The constructor to connect with, where the platform has none (Node 20). */
  WebSocket?: new (url: string) => WebSocketLike;
}

export interface CreateOptions extends Options {
  /** How many may be connected at once, the host included; 8 by default. */
  maxClients?: number;
  /** For how many seconds (0 to 600) the place of a member whose connection was lost is kept. The relay's default is 0. */
  hold?: number;
  /**
   * The page that phones open, with `{room}` for the code and, if wanted, `{instance}`. It becomes `room.joinUrl`, and
   * the relay tells it to everybody. Relays take `https:` only; another one is filled in by the client, and known to the
   * host alone.
   */
  controllerUrl?: string;
  /**
   * Whether to return to the room that this tab has created on this relay before, if there still is one: what a display
   * needs after a reload. `room.resumed` tells which it was. False by default.
   */
  resume?: boolean;
}

export interface JoinOptions extends Options {
  /** The room's code, as typed; white space around it does not matter. */
  code: string;
  /** A ticket of the host for one slot: good once, within 10 minutes. Giving the same one again after a reload is fine. */
  ticket?: string;
}

/** Where secrets are kept, one value under one key: `localStorage`, or what looks like it. Promises are waited for. */
export interface RoomStorage {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): unknown;
}

/** What the client needs of a WebSocket. */
export interface WebSocketLike {
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export interface RoomEvents<Message = any, State = any> {
  /** Another member has sent something (or this one to itself). `data` is undefined if the sender gave none. */
  message: { from: number; data: Message };
  /** The host has set the room's state. It also comes after each return, if there is one. */
  state: State;
  /** A member that was not here before has connected. */
  peer: { index: number };
  /** A member is connected again. */
  back: { index: number };
  /**
   * A member's connection has ended, and it may come back. `reason` is `closed` (its page or program ended it) or
   * `lost`; `held`: its place is kept for it. An old relay tells neither.
   */
  away: { index: number; reason?: "closed" | "lost"; held: boolean };
  /** A member has left or was kicked. An old relay cannot tell, and there it is `away`. */
  gone: { index: number; reason: "left" | "kicked" };
  /** A member goes on with another connection, or another phone got its slot by a ticket: it may need to be told anew. */
  replaced: { index: number };
  /** The own connection has ended, and the client is trying to come back. */
  disconnected: { code: number; reason: string };
  /** The own connection is back, `after` so many milliseconds and `attempts`. */
  reconnected: { after: number; attempts: number };
  /** The relay has given the room to another machine; the client follows at once. */
  moved: undefined;
  /** A new measurement: the smoothed round trip to the relay, in milliseconds. */
  rtt: number;
  /** The relay has refused something; the connection goes on. */
  error: PartyError;
  /** Something came that is no message of the protocol; the connection goes on. */
  unreadable: { data: unknown };
  /** It is over for this client: the last event of a room. `error.final` is false where `reconnect()` may help. */
  closed: PartyError;
}

export interface Room<Message = any, State = any> {
  /** The code that players type. */
  readonly code: string;
  /** The own slot. After `reconnect()` it is another if a ticket has given this one away. */
  readonly index: number;
  readonly isHost: boolean;
  /** Whether `createRoom` has returned to the room of before. */
  readonly resumed: boolean;
  /** The address for phones: `controllerUrl` filled in, or else this page with `?room=CODE`; undefined outside a page. */
  readonly joinUrl: string | undefined;
  /** The other connected slots, ascending. */
  readonly peers: number[];
  /** The slots that are not connected and may come back, ascending. */
  readonly away: number[];
  /** The room's latest state: as received, or as the host has set it. */
  readonly state: State | undefined;
  /** The smoothed round trip to the relay in milliseconds; undefined before the first measurement and on an old relay. */
  readonly rtt: number | undefined;
  /** The relay's region, empty if it has none; undefined if an old relay did not tell. */
  readonly region: string | undefined;
  /** The machine that serves the room, empty if it has no name; undefined if an old relay did not tell. */
  readonly instance: string | undefined;
  /** How many may be connected at once; undefined if an old relay did not tell. */
  readonly maxClients: number | undefined;
  /** For how many seconds places are kept; undefined on an old relay. */
  readonly hold: number | undefined;
  /** What the relay speaks: 2 is an old one, without `kick`, `lock`, `ticket`, `rtt` and reasons. */
  readonly protocol: 2 | 3;
  readonly connection: "open" | "reconnecting" | "closed";

  /** Calls `fn` at each such event, until the returned function is called. */
  on<K extends keyof RoomEvents>(name: K, fn: (event: RoomEvents<Message, State>[K]) => void): () => void;
  /** The next such event. Once the room is closed for good, a promise that waits is never settled. */
  once<K extends keyof RoomEvents>(name: K): Promise<RoomEvents<Message, State>[K]>;

  /**
   * Sends to all other members, to one slot, or to several. False if the message was dropped (see `whileAway`). What was
   * sent right before a connection ends may be lost.
   */
  send(data?: unknown, to?: number | number[]): boolean;
  /**
   * Host: sets what everybody has, also those who come later. Calls within 50 ms become one message, with the last
   * state; one set while away is sent on return. Throws `state_too_large` above 16,384 bytes of JSON.
   */
  setState(state: State): void;
  /** Host: ends a member's connection for good; with `ban` its client cannot return. */
  kick(index: number, options?: { ban?: boolean }): void;
  /** Host: lets nobody in who has no slot yet, or opens the room again. */
  lock(locked: boolean): void;
  /**
   * Host: a ticket with which another phone can take over this slot. Rejected with `timeout` after 10 seconds, with
   * `unreachable` if the connection ends before the answer, and once the room is closed with the reason of that.
   */
  ticket(index: number): Promise<string>;
  /** Gives up the place for good. The room goes on. While the connection is away the relay does not hear of it. */
  leave(): void;
  /** Host: ends the room for everybody. While the connection is away only this client hears of it. */
  close(): void;
  /**
   * Tries to come back at once and with a new budget: for a button. After `closed` it works where `final` is false, such
   * as after `replaced`, when another tab has the slot: this one takes it back.
   */
  reconnect(): void;
  /** Stops to look after the connection, until `resume()`. Hidden pages do so by themselves. */
  suspend(): void;
  resume(): void;
}

/** Why something failed, or why it is over. */
export class PartyError extends Error {
  readonly name: "PartyError";
  /**
   * The relay's error code (`room_not_found`, `room_full`, …), or the client's own: `timeout`, `unreachable`, `aborted`,
   * `invalid_url`, `no_websocket`, `not_supported`, `gave_up`, `replaced`, `room_closed`, `kicked`, `left`.
   */
  readonly code: string;
  /** After how many seconds it makes sense to try again, if the relay has said so. */
  readonly retryAfter: number | undefined;
  /** Whether trying again is of no use. */
  readonly final: boolean;
  /** The code with which the connection was closed, if that is why. */
  readonly closeCode: number | undefined;
}

/**
 * What the client does about each error code with which a relay refuses to let it in, and about each close code. An error
 * that is not listed is final for `createRoom` and `joinRoom`, and tried again by a return; a close code that is not
 * listed is tried again.
 */
export const verdicts: {
  readonly errors: { readonly [code: string]: Verdict };
  readonly closes: { readonly [code: number]: Verdict };
};

export interface Verdict {
  /** The shortest wait before the next try, in milliseconds, where `retryAfter` does not tell. */
  readonly wait?: number;
  /** Trying again makes no sense. */
  readonly final?: boolean;
  /**
   * A client that has been in the room before believes only the second such answer. One of the machine of before, which
   * the first try of a return asks, does not count.
   */
  readonly twice?: boolean;
  /** `createRoom` and `joinRoom` fail with it at once; only a return tries again. */
  readonly first?: boolean;
  /** The room is closed for this client, under this code. */
  readonly end?: string;
  /** The machine of before is not the one to ask. */
  readonly moved?: boolean;
}
