import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as client from "./tested.js";

const folder = new URL("../../Sources/party-sockets-js/", import.meta.url);
const read = (name) => readFileSync(new URL(name, folder), "utf8");

const declarations = read("client.d.ts");

test("the declarations name what the client exports", () => {
  const declared = [...declarations.matchAll(/^export (?:function|class|const) (\w+)/gm)].map(([, name]) => name);
  const { WebSocket, ...exported } = client;
  assert.deepEqual(declared.sort(), Object.keys(exported).sort());
});

test("the declarations name all that a room has", async () => {
  const [, body] = declarations.match(/^export interface Room<.*\{\n([^]*?)^\}/m);
  const declared = [...body.matchAll(/^ {2}(?:readonly )?(\w+)[:<(]/gm)].map(([, name]) => name);
  const { World } = await import("./World.js");
  const world = new World();
  try {
    const room = await world.created();
    world.socket.say({ type: "pong", t: world.now });
    room.setState(1);
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(room)).filter((name) => name !== "constructor");
    assert.deepEqual(declared.sort(), [...methods, ...Object.keys(room)].sort());
  } finally {
    world.end();
  }
});

test("a client that no relay has served says that it needs an address", async () => {
  const text = readFileSync(new URL("client.js", folder), "base64");
  const bundled = await import(`data:text/javascript;base64,${text}`);
  for (const attempt of [() => bundled.createRoom(), () => bundled.joinRoom({ code: "ABC123" })]) {
    const error = await attempt().catch((error) => error);
    assert.ok(error instanceof bundled.PartyError, String(error));
    assert.deepEqual([error.code, error.final], ["invalid_url", true]);
  }
});

test("the package has the relay's version", () => {
  const [, version] = read("../RelayServer/RelayVersion.swift").match(/current = "(.*)"/);
  assert.equal(JSON.parse(read("package.json")).version, version);
});

test("the package has the files that it names, and no dependencies", () => {
  const { name, type, exports, files, dependencies } = JSON.parse(read("package.json"));
  assert.deepEqual([name, type, dependencies], ["party-sockets", "module", undefined]);
  const named = [...files, ...Object.values(exports).flatMap((target) => Object.values(target))];
  for (const file of named) assert.ok(existsSync(new URL(file, folder)), file);
});

test("the package's own name leads to the client and its types", () => {
  assert.deepEqual(JSON.parse(read("package.json")).exports["."], { types: "./client.d.ts", default: "./client.js" });
});
