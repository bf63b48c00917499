// What is said when something has ended, and what can be done about it.

export const element = (id) => document.getElementById(id);

/** An address that nobody but this computer can reach. */
export const IS_LOCAL = /^(localhost$|127\.|\[::1\]$)/.test(location.hostname);

/** Shows one of the page's parts. */
export function show(id) {
  for (const part of ["door", "screen", "pad", "notice"]) element(part).hidden = part !== id;
}

const UNKNOWN = [
  "No such room", "Nobody plays under this code: it was mistyped, or the game is over. Look at the big screen for its code."];
const UNREACHABLE = ["The relay does not answer", "Check this device’s network, and try again."];
const TEXTS = {
  room_not_found: UNKNOWN,
  room_required: UNKNOWN,
  unreachable: UNREACHABLE,
  timeout: UNREACHABLE,
  room_full: ["The room is full", "All seats are taken. When somebody leaves, there is one for you."],
  room_locked: ["The room is locked", "The big screen lets nobody else in at the moment. Ask there, and try again."],
  not_allowed: ["You are not let in", "The big screen has removed you from this game."],
  ticket_invalid: ["This link is used up", "A link that moves a seat works once, for ten minutes. Ask for a new one at the big screen."],
  room_closed: ["The game is over", "The big screen has closed the room, or was away for too long."],
  replaced: ["You play elsewhere now", "Your seat was opened in another tab, or has moved to another phone."],
  kicked: ["You are out", "The big screen has removed you from the game."],
  left: ["You have left", "Your seat is free for somebody else."],
  gave_up: ["The connection is lost", "The relay could not be reached for minutes. Check this device’s network, and try again."],
  server_full: ["The relay is full", "It has no place for another room. Try again in a moment."],
  server_draining: ["The relay restarts", "It opens no new rooms meanwhile. Try again in a moment."],
  too_many_attempts: ["Too many attempts", "Somebody in your network has tried many codes. Wait for a minute, and try again."],
};
const SCREEN_TEXTS = {
  room_closed: ["The game is over", "The room is closed, and all phones know it."],
  replaced: ["The game is on another screen", "This big screen was opened again elsewhere."],
  room_not_found: ["The room is gone", "It was empty for too long, or the relay has started anew."],
};

/** A full page that tells why it has ended. `actions`: labels and functions, the most likely one first. */
export function tell(error, actions, isScreen = false) {
  const other = ["That did not work", `The reason: ${error.message}.`];
  const [title, text] = (isScreen && SCREEN_TEXTS[error.code]) || TEXTS[error.code] || other;
  element("notice-title").textContent = title;
  element("notice-text").textContent = text;
  element("notice-actions").replaceChildren(
    ...actions.map(([label, act], index) => {
      const button = Object.assign(document.createElement("button"), { textContent: label, onclick: act });
      if (index === 0) button.className = "main";
      return button;
    }),
  );
  outage("");
  show("notice");
}

let hiding;

/** A line over everything while a connection is away; a good one goes away by itself. */
export function outage(text, isGood = false) {
  clearTimeout(hiding);
  const line = element("outage");
  line.textContent = text;
  line.hidden = text === "";
  line.classList.toggle("good", isGood);
  if (isGood) hiding = setTimeout(() => outage(""), 4000);
}

/** Tells of a room's connection as long as the page is open. */
export function tellOutages(room, what) {
  room.on("disconnected", () => outage(`${what} has lost its connection. It is coming back by itself …`));
  room.on("moved", () => outage("The room moves to another machine …"));
  room.on("reconnected", ({ after }) => outage(`Connected again, after ${(after / 1000).toFixed(1)} seconds`, true));
}

/** Where one plays, and how fast it is. */
export function linkText(room) {
  const parts = [`Room ${room.code}`];
  if (room.region) parts.push(`region ${room.region.toUpperCase()}`);
  if (room.rtt !== undefined) parts.push(`${Math.round(room.rtt)} ms to the relay`);
  return parts.join(" · ");
}

/** Keeps the device awake where a page may: only where it was loaded by https. Games in a row share one listener. */
export function stayAwake() {
  document.addEventListener("visibilitychange", askToStayAwake);
  askToStayAwake();
}

function askToStayAwake() {
  if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {});
}
