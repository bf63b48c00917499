// What this page is: a phone's pad at `?room=CODE`, one that takes over a seat at `?room=CODE#TICKET`, and else the big
// screen, or on a small device the question for the code.

import { element } from "./notice.js";
import { openDoor, openPad } from "./pad.js";
import { openScreen } from "./screen.js";

const code = new URLSearchParams(location.search).get("room");
const fragment = location.hash.slice(1);
const isSmall = matchMedia("(max-width: 700px)").matches;

if (code) openPad(code, fragment || undefined);
else if (isSmall && fragment !== "screen") openDoor();
else openScreen();

element("door-form").onsubmit = (event) => {
  event.preventDefault();
  openPad(element("door-code").value.trim());
};
element("door-screen").onclick = () => {
  history.replaceState(null, "", "#screen");
  openScreen();
};
// A ticket for the same room was scanned while this page was open.
addEventListener("hashchange", () => location.reload());
