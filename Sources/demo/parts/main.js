// What this page is: a phone's pad at `#CODE`, one that takes over a seat at `#CODE-TICKET`, and else the big screen,
// or on a small device the question for the code.

import { openDoor, openPad } from "./pad.js";
import { openScreen } from "./screen.js";
import { element } from "./notice.js";

const [code, ticket] = location.hash.slice(1).split("-");
const isSmall = matchMedia("(max-width: 700px)").matches;

if (code && code !== "screen") openPad(code, ticket);
else if (isSmall && code !== "screen") openDoor();
else openScreen();

element("door-form").onsubmit = (event) => {
  event.preventDefault();
  openPad(element("door-code").value.trim());
};
element("door-screen").onclick = () => {
  history.replaceState(null, "", "#screen");
  openScreen();
};
// Another code was scanned or typed while this page was open.
addEventListener("hashchange", () => location.reload());
